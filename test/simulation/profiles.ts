import type { Perils } from './scheduler.ts'

/** What a simulated world is like. */
export interface Profile {
  name: string
  perils: Perils
  /** Shares of task events and of wake-ups that are lost. */
  eventsLost: number
  wakeUpsLost: number
  /** The share of messages delivered twice. */
  doubled: number
  /** Task events arrive up to this late. */
  eventDelaySecondsMax: number
  /** How often the index catches up, per call. 1: it never lags. */
  indexCatchesUp: number
  /** The share of launches for which ECS has no room. */
  refused: number
  /** Seconds before ECS shows a new task. */
  visibleAfterSeconds: number
}

const NONE: Perils = { diesBefore: 0, diesAfter: 0, failsBefore: 0, answerLost: 0, madeTwice: 0, freezes: 0 }

const CALM: Profile = {
  name: 'calm',
  perils: NONE,
  eventsLost: 0,
  wakeUpsLost: 0,
  doubled: 0.2,
  eventDelaySecondsMax: 2,
  indexCatchesUp: 1,
  refused: 0,
  visibleAfterSeconds: 0,
}

/** Seeds go through these in turn. */
export const PROFILES: readonly Profile[] = [
  CALM,
  { ...CALM, name: 'crashes', perils: { ...NONE, diesBefore: 0.015, diesAfter: 0.015, freezes: 0.01 } },
  {
    ...CALM,
    name: 'unknown outcomes',
    perils: { ...NONE, failsBefore: 0.05, answerLost: 0.05, madeTwice: 0.05 },
    refused: 0.1,
  },
  {
    ...CALM,
    name: 'lossy messages',
    eventsLost: 0.5,
    wakeUpsLost: 0.5,
    doubled: 0.3,
    eventDelaySecondsMax: 120,
    perils: { ...NONE, freezes: 0.02 },
  },
  { ...CALM, name: 'lagging index', indexCatchesUp: 0.04, visibleAfterSeconds: 5, refused: 0.1 },
  {
    name: 'everything',
    perils: { diesBefore: 0.01, diesAfter: 0.01, failsBefore: 0.02, answerLost: 0.02, madeTwice: 0.02, freezes: 0.01 },
    eventsLost: 0.2,
    wakeUpsLost: 0.3,
    doubled: 0.2,
    eventDelaySecondsMax: 60,
    indexCatchesUp: 0.1,
    refused: 0.1,
    visibleAfterSeconds: 3,
  },
]

export function profileOf(seed: number): Profile {
  return PROFILES[(seed - 1) % PROFILES.length] ?? CALM
}

/** The same world without faults. */
export const HEALED = CALM
