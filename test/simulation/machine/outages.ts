import { addSeconds, type Instant } from '#shared/instant.ts'
import type { Chance } from './chance.ts'
import type { Profile } from './profile.ts'

/** What of a service can be disabled. */
const PARTS = ['api', 'ticks', 'task event', 'wake-up'] as const
export type Part = (typeof PARTS)[number]

/** When a part is disabled. */
export type Outages = ReadonlyMap<Part, { from: Instant; until: Instant }>

/** An outage of a world of minutes takes minutes, one of a world of hours longer than ECS remembers what stopped. */
const SHARES = { from: { min: 0, max: 0.5 }, length: { min: 0.2, max: 0.9 }, ofApi: 0.25 }

/** Draws which parts of a world's service are disabled for a while. */
export function outagesOf(all: Chance, { outages, activeSeconds }: Profile, start: Instant): Outages {
  const drawn = PARTS.flatMap((part) => {
    const chance = all.of(part)
    if (!chance.hits(outages)) return []
    const from = addSeconds(start, activeSeconds * chance.between(SHARES.from.min, SHARES.from.max))
    const longest = activeSeconds * chance.between(SHARES.length.min, SHARES.length.max)
    const seconds = part === 'api' ? longest * SHARES.ofApi : longest
    return [[part, { from, until: addSeconds(from, seconds) }] as const]
  })
  return new Map(drawn)
}

/** Whether a part is disabled at an instant. */
export function isDisabled(outages: Outages, part: Part, at: Instant): boolean {
  const outage = outages.get(part)
  return outage !== undefined && at >= outage.from && at < outage.until
}
