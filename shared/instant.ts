/**
 * A point in time: whole microseconds since 1970-01-01T00:00:00Z.
 * Prefect's clients send and compare microseconds, which `Date` would drop.
 */
export type Instant = number

const MICROS_PER_SECOND = 1_000_000
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?$/

/** Later than any real instant; sorts after all of them as a 16-digit key. */
export const NEVER: Instant = 9_000_000_000_000_000

/**
 * Reads an ISO-8601 date-time with `T` or a space, with `Z`, an offset or none (then UTC), with up to 9 fractional
 * digits (cut to microseconds). Returns undefined when the text is no such date-time or names a day that does not exist.
 */
export function parseInstant(text: string): Instant | undefined {
  const match = ISO.exec(text.trim())
  if (!match) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match
  const fields = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const utc = new Date(0)
  utc.setUTCFullYear(fields[0], fields[1] - 1, fields[2])
  utc.setUTCHours(fields[3], fields[4], fields[5], 0)
  const exists = utc.getUTCMonth() === fields[1] - 1 && utc.getUTCDate() === fields[2] && fields[3] < 24
  const offset = offsetMinutes(zone)
  if (!exists || fields[4] > 59 || fields[5] > 59 || offset === undefined) return undefined
  const instant = (utc.getTime() - offset * 60_000) * 1000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
  return instant >= 0 && instant < NEVER ? instant : undefined
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || 0)
  if (hours > 23 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

/** Writes an instant as `2026-01-02T03:04:05.000006Z`. */
export function formatInstant(instant: Instant): string {
  const iso = new Date(Math.floor(instant / 1000)).toISOString()
  return `${iso.slice(0, -1)}${String(instant % 1000).padStart(3, '0')}Z`
}

/** The UTC day of an instant, `2026-01-02`. */
export function dayOf(instant: Instant): string {
  return formatInstant(instant).slice(0, 10)
}

/** An instant as 16 digits, so that text order is time order. */
export function sortable(instant: Instant): string {
  return String(Math.max(0, Math.trunc(instant))).padStart(16, '0')
}

/** A later instant (an earlier one for negative seconds); never later than NEVER. */
export function addSeconds(instant: Instant, seconds: number): Instant {
  return Math.min(NEVER, instant + Math.round(seconds * MICROS_PER_SECOND))
}

/** Seconds from `earlier` to `later`; negative when they are the other way round. */
export function secondsBetween(earlier: Instant, later: Instant): number {
  return (later - earlier) / MICROS_PER_SECOND
}
