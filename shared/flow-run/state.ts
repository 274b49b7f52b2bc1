import type { Instant } from '#shared/instant.ts'
import type { Writer } from './writer.ts'

/** Prefect's nine state types, in its order. */
export const STATE_TYPES = [
  'SCHEDULED',
  'PENDING',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'CRASHED',
  'PAUSED',
  'CANCELLING',
] as const
export type StateType = (typeof STATE_TYPES)[number]

interface StateKind {
  /** No transition leads on from here, but for an explicit retry. */
  terminal: boolean
  /** A run in this state holds the slots that its claim took. CANCELLING holds: the work is not proven stopped. */
  holdsSlots: boolean
}

/** The state machine's facts; rules, storage and docs read them from here. */
const STATE_KINDS = {
  SCHEDULED: { terminal: false, holdsSlots: false },
  PENDING: { terminal: false, holdsSlots: true },
  RUNNING: { terminal: false, holdsSlots: true },
  COMPLETED: { terminal: true, holdsSlots: false },
  FAILED: { terminal: true, holdsSlots: false },
  CANCELLED: { terminal: true, holdsSlots: false },
  CRASHED: { terminal: true, holdsSlots: false },
  PAUSED: { terminal: false, holdsSlots: false },
  CANCELLING: { terminal: false, holdsSlots: true },
} as const satisfies Record<StateType, StateKind>

export const TERMINAL_TYPES: readonly StateType[] = STATE_TYPES.filter((type) => STATE_KINDS[type].terminal)

/** Details that the rules read; keys that only clients know are kept beside them, untouched. */
export interface StateDetails {
  scheduledTime?: Instant | undefined
  pauseTimeout?: Instant | undefined
  pauseReschedule?: boolean | undefined
  pauseKey?: string
  transitionId?: string | undefined
  untrackableResult?: boolean
  /** Anything else that a client sent, by its wire name. */
  other?: Record<string, unknown>
}

export interface State {
  type: StateType
  name: string
  timestamp: Instant
  message: string | null
  /** Opaque to the service: a result record's metadata, or null. */
  data: unknown
  details: StateDetails
}

/** A past state as it is kept; its id follows from its place (see ids.ts). */
export interface PastState {
  type: StateType
  name: string
  timestamp: Instant
  message: string | null
  /** Kept of a flow run's states alone. */
  by?: Writer | undefined
}

/** A state's name when none is given: the type, capitalised ("Cancelling"). */
export function defaultStateName(type: StateType): string {
  return type.charAt(0) + type.slice(1).toLowerCase()
}

/** The members of a new state beside its type; omitted members take the default. */
type StateRest = { [Member in Exclude<keyof State, 'type' | 'timestamp'>]?: State[Member] | undefined }

/**
 * A new state of a type, with defaults for what is not given. SCHEDULED without a time is due at its timestamp. Halves of
 * characters in its texts become U+FFFD, since DynamoDB keeps none.
 */
export function newState(type: StateType, timestamp: Instant, rest: StateRest = {}): State {
  const details = { ...rest.details }
  if (type === 'SCHEDULED') details.scheduledTime ??= timestamp
  if (details.pauseKey) details.pauseKey = details.pauseKey.toWellFormed()
  return {
    type,
    name: (rest.name ?? defaultStateName(type)).toWellFormed(),
    timestamp,
    message: rest.message?.toWellFormed() ?? null,
    data: rest.data ?? null,
    details,
  }
}

/** True for a state in which a run has ended. */
export function isTerminal(type: StateType): boolean {
  return STATE_KINDS[type].terminal
}

/** True for a state whose run counts against its limits. */
export function holdsSlots(type: StateType): boolean {
  return STATE_KINDS[type].holdsSlots
}
