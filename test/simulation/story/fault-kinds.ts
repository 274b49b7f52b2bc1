import { FAULTS } from '../machine/faults.ts'
import type { Profile } from '../machine/profile.ts'
import type { Travel } from '../outside/message-queue.ts'

type Change = (profile: Profile) => Partial<Profile>

/** Both queues, changed alike. */
const travels =
  (change: Partial<Travel>): Change =>
  ({ events, wakeUps }) => ({ events: { ...events, ...change }, wakeUps: { ...wakeUps, ...change } })

/** How a profile does without each kind of fault. */
const WITHOUT: Readonly<Record<string, Change>> = {
  ...Object.fromEntries(
    FAULTS.map((fault): [string, Change] => [fault, ({ rates }) => ({ rates: { ...rates, [fault]: 0 } })]),
  ),
  'messages lost': travels({ lost: 0 }),
  'messages doubled': travels({ doubled: 0 }),
  'messages echoed': travels({ echoed: 0 }),
  'messages late': travels({ delaySecondsMax: 0, veryLate: 0 }),
  'ticks lost': () => ({ ticksLost: 0 }),
  'ticks doubled': () => ({ ticksDoubled: 0 }),
  'index lag': () => ({ indexLag: 0, partitionLag: 0, indexStalls: 0 }),
  'clock skew': () => ({ skewSecondsMax: 0, ecsSkewSeconds: 0 }),
  outages: () => ({ outages: 0 }),
  'slow processes': () => ({ slow: 0 }),
  'odd ECS': () => ({ ecsOdd: 0 }),
  'late ECS': () => ({ visibleAfterSeconds: 0 }),
  'careless clients': () => ({ careless: 0 }),
  'hasty clients': () => ({ hasty: 0 }),
}

/** The kinds of faults that a world can do without, one by one. */
export const FAULT_KINDS: readonly string[] = Object.keys(WITHOUT)

/** A profile with only these kinds of its faults. */
export function withKinds(profile: Profile, kinds: ReadonlySet<string>): Profile {
  let left = profile
  for (const [kind, change] of Object.entries(WITHOUT)) if (!kinds.has(kind)) left = { ...left, ...change(left) }
  return left
}

/** The kinds of faults that a profile has. */
export function kindsOf(profile: Profile): string[] {
  const same = JSON.stringify(profile)
  return Object.entries(WITHOUT).flatMap(([kind, change]) =>
    JSON.stringify({ ...profile, ...change(profile) }) === same ? [] : [kind],
  )
}
