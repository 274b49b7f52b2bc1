import type { Travel } from '../outside/message-queue.ts'
import { type FaultRates, NO_FAULTS } from './faults.ts'

/** What goes wrong in a world, and how often. */
export interface Profile {
  name: string
  /** For how long clients act. */
  activeSeconds: number
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
  /** How often an index stands still as a whole. */
  indexStalls: number
  /** Clocks of containers differ from the world's by up to this much, and ECS's does by this much. */
  skewSecondsMax: number
  ecsSkewSeconds: number
  /** The share of processes whose calls take long. */
  slow: number
  /** The share of functions that are disabled for some minutes. */
  outages: number
  /** The share of ECS's odd answers and ends. */
  ecsOdd: number
  /** Seconds before ECS shows a new task. */
  visibleAfterSeconds: number
  /** The share of clients that repeat no request, and of those that send each twice. */
  careless: number
  hasty: number
}

const PROMPT: Travel = { lost: 0, doubled: 0.1, delaySecondsMax: 2, veryLate: 0, echoed: 0 }

export const CALM: Profile = {
  name: 'calm',
  activeSeconds: 180,
  rates: NO_FAULTS,
  events: PROMPT,
  wakeUps: PROMPT,
  ticksLost: 0,
  ticksDoubled: 0,
  indexLag: 0,
  partitionLag: 0,
  indexStalls: 0,
  catchesUp: 1,
  skewSecondsMax: 0,
  ecsSkewSeconds: 0,
  slow: 0.1,
  outages: 0,
  ecsOdd: 0,
  visibleAfterSeconds: 0,
  careless: 0,
  hasty: 0,
}

/** Nothing is lost, and old news comes again. */
const ECHOING: Travel = { ...PROMPT, echoed: 0.5 }
const LOSSY: Travel = { lost: 0.5, doubled: 0.3, delaySecondsMax: 120, veryLate: 0.05, echoed: 0.3 }
const ROUGH: Travel = { lost: 0.25, doubled: 0.2, delaySecondsMax: 60, veryLate: 0.02, echoed: 0.3 }
const LAG = { indexLag: 0.5, partitionLag: 0.1, indexStalls: 0.002, catchesUp: 0.05 }

/** What happens to single calls everywhere, now and then. */
const AT_TIMES: FaultRates = {
  ...NO_FAULTS,
  'fails before': 0.002,
  'answer lost': 0.002,
  'made twice': 0.002,
  conflict: 0.005,
  throttled: 0.002,
  'partial batch': 0.02,
  'short page': 0.05,
  overtaken: 0.15,
}

/** A little of everything. */
const EVERYTHING: Profile = {
  ...CALM,
  name: 'everything',
  rates: {
    'dies before': 0.01,
    'dies after': 0.01,
    'fails before': 0.015,
    'answer lost': 0.015,
    'made twice': 0.015,
    conflict: 0.03,
    throttled: 0.015,
    'partial batch': 0.1,
    'short page': 0.1,
    'stands still': 0.015,
    overtaken: 0.15,
  },
  events: ROUGH,
  wakeUps: ROUGH,
  ticksLost: 0.1,
  ticksDoubled: 0.1,
  indexLag: 0.3,
  partitionLag: 0.05,
  indexStalls: 0.0005,
  catchesUp: 0.1,
  skewSecondsMax: 1,
  outages: 0.05,
  ecsOdd: 0.1,
  visibleAfterSeconds: 3,
  careless: 0.2,
  hasty: 0.1,
}

/** Seeds go through these in turn. */
export const PROFILES: readonly Profile[] = [
  CALM,
  {
    ...CALM,
    name: 'crashes',
    events: ECHOING,
    rates: { ...NO_FAULTS, 'dies before': 0.02, 'dies after': 0.02, 'stands still': 0.02, overtaken: 0.15 },
  },
  {
    ...CALM,
    name: 'unknown outcomes',
    slow: 0.3,
    events: ECHOING,
    rates: { ...NO_FAULTS, 'fails before': 0.03, 'answer lost': 0.03, 'made twice': 0.04, overtaken: 0.15 },
    careless: 0.3,
  },
  EVERYTHING,
  {
    ...CALM,
    name: 'conflicts',
    slow: 0.3,
    rates: { ...NO_FAULTS, conflict: 0.15, throttled: 0.04, 'partial batch': 0.3, 'short page': 0.15, overtaken: 0.2 },
    hasty: 0.3,
  },
  {
    ...CALM,
    name: 'lossy messages',
    events: LOSSY,
    wakeUps: LOSSY,
    ticksLost: 0.2,
    ticksDoubled: 0.2,
    rates: AT_TIMES,
  },
  {
    ...CALM,
    ...LAG,
    name: 'lagging indexes',
    visibleAfterSeconds: 5,
    rates: { ...AT_TIMES, 'stands still': 0.01 },
  },
  { ...EVERYTHING, name: 'everything at other times', ticksDoubled: 0.5, outages: 0 },
  { ...CALM, name: 'odd ECS', ecsOdd: 0.3, visibleAfterSeconds: 2, skewSecondsMax: 2, events: ROUGH },
  {
    ...CALM,
    name: 'differing clocks',
    skewSecondsMax: 20,
    ecsSkewSeconds: -30,
    events: ROUGH,
    rates: { ...AT_TIMES, 'dies before': 0.01, 'dies after': 0.01 },
  },
  {
    ...CALM,
    ...LAG,
    name: 'outages',
    outages: 0.5,
    events: ROUGH,
    wakeUps: LOSSY,
    rates: { ...AT_TIMES, 'dies after': 0.02, 'stands still': 0.02 },
  },
]

/** Longer than ECS remembers what stopped. Its minutes are many, so only a seed in some dozens is one of these. */
const HOURS: Profile = {
  ...CALM,
  name: 'hours',
  activeSeconds: 90 * 60,
  events: LOSSY,
  wakeUps: ROUGH,
  ticksLost: 0.1,
  outages: 0.5,
  ecsOdd: 0.1,
  visibleAfterSeconds: 2,
  rates: { ...NO_FAULTS, 'dies before': 0.01, 'dies after': 0.01 },
}
const HOURS_EACH = 61

export function profileOf(seed: number): Profile {
  if (seed % HOURS_EACH === 0) return HOURS
  return PROFILES[seed % PROFILES.length] ?? CALM
}

/** The profile of a name; undefined when there is none. */
export function profileNamed(name: string): Profile | undefined {
  return [...PROFILES, HOURS].find((profile) => profile.name === name)
}
