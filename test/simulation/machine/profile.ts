import type { Travel } from '../outside/message-queue.ts'
import { type FaultRates, NO_FAULTS } from './faults.ts'

/** What goes wrong in a world, and how often. */
export interface Profile {
  name: string
  rates: FaultRates
  events: Travel
  wakeUps: Travel
  /** The share of ticks that do not come, and of those that come twice. */
  ticksLost: number
  ticksDoubled: number
  /** How often a change of an index is held back, per index item, and how often a whole partition is. */
  indexLag: number
  partitionLag: number
  /** The share of what is held back that becomes visible at each call. */
  catchesUp: number
  /** Clocks of containers differ by up to this much. */
  skewSecondsMax: number
  /** The share of ECS's odd answers and ends. */
  ecsOdd: number
  /** Seconds before ECS shows a new task. */
  visibleAfterSeconds: number
  /** The share of clients that repeat no request, and of those that send each twice. */
  careless: number
  hasty: number
}

const PROMPT: Travel = { lost: 0, doubled: 0.1, delaySecondsMax: 2, veryLate: 0 }

export const CALM: Profile = {
  name: 'calm',
  rates: NO_FAULTS,
  events: PROMPT,
  wakeUps: PROMPT,
  ticksLost: 0,
  ticksDoubled: 0,
  indexLag: 0,
  partitionLag: 0,
  catchesUp: 1,
  skewSecondsMax: 0,
  ecsOdd: 0,
  visibleAfterSeconds: 0,
  careless: 0,
  hasty: 0,
}

const LOSSY: Travel = { lost: 0.5, doubled: 0.3, delaySecondsMax: 120, veryLate: 0.05 }
const ROUGH: Travel = { lost: 0.25, doubled: 0.2, delaySecondsMax: 60, veryLate: 0.02 }

/** Seeds go through these in turn. */
export const PROFILES: readonly Profile[] = [
  CALM,
  { ...CALM, name: 'crashes', rates: { ...NO_FAULTS, 'dies before': 0.02, 'dies after': 0.02, 'stands still': 0.01 } },
  {
    ...CALM,
    name: 'unknown outcomes',
    rates: { ...NO_FAULTS, 'fails before': 0.05, 'answer lost': 0.05, 'made twice': 0.05 },
    careless: 0.3,
  },
  {
    ...CALM,
    name: 'conflicts',
    rates: { ...NO_FAULTS, conflict: 0.2, throttled: 0.05, 'partial batch': 0.3 },
    hasty: 0.3,
  },
  { ...CALM, name: 'lossy messages', events: LOSSY, wakeUps: LOSSY, ticksLost: 0.2, ticksDoubled: 0.2 },
  { ...CALM, name: 'lagging indexes', indexLag: 0.5, partitionLag: 0.1, catchesUp: 0.05, visibleAfterSeconds: 5 },
  { ...CALM, name: 'odd ECS', ecsOdd: 0.3, visibleAfterSeconds: 2, skewSecondsMax: 2 },
  {
    name: 'everything',
    rates: {
      'dies before': 0.01,
      'dies after': 0.01,
      'fails before': 0.02,
      'answer lost': 0.02,
      'made twice': 0.02,
      conflict: 0.05,
      throttled: 0.02,
      'partial batch': 0.1,
      'stands still': 0.005,
    },
    events: ROUGH,
    wakeUps: ROUGH,
    ticksLost: 0.1,
    ticksDoubled: 0.1,
    indexLag: 0.3,
    partitionLag: 0.05,
    catchesUp: 0.1,
    skewSecondsMax: 1,
    ecsOdd: 0.1,
    visibleAfterSeconds: 3,
    careless: 0.2,
    hasty: 0.1,
  },
]

export function profileOf(seed: number): Profile {
  return PROFILES[seed % PROFILES.length] ?? CALM
}
