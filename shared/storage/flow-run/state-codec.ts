import { HISTORY_MESSAGE_MAX } from '#shared/bounds.ts'
import {
  defaultStateName,
  type PastState,
  STATE_TYPES,
  type State,
  type StateDetails,
  type StateType,
} from '#shared/flow-run/state.ts'

/** A state in the item: short member names, and nothing that its type already says. */
export interface StoredState {
  t: StateType
  at: number
  n?: string | undefined
  m?: string | undefined
  /** What only clients read, as JSON text: DynamoDB's own maps end at 32 levels. */
  x?: string | undefined
  d?: Omit<StateDetails, 'other'> | undefined
  o?: string | undefined
}
/** [type as a digit, timestamp, name unless it is the type's own, message] */
export type StoredPast = [number, number, (string | null)?, string?]

/** A state as it is stored, of a flow run or of a task run. */
export function encodeState(state: State): StoredState {
  const { other, ...details } = state.details
  return {
    t: state.type,
    at: state.timestamp,
    n: state.name === defaultStateName(state.type) ? undefined : state.name,
    m: state.message ?? undefined,
    x: state.data === null || state.data === undefined ? undefined : JSON.stringify(state.data),
    d: Object.values(details).some((value) => value !== undefined) ? details : undefined,
    o: other && Object.keys(other).length > 0 ? JSON.stringify(other) : undefined,
  }
}

/** The state as it was encoded. */
export function decodeState(stored: StoredState): State {
  return {
    type: stored.t,
    name: stored.n ?? defaultStateName(stored.t),
    timestamp: stored.at,
    message: stored.m ?? null,
    data: stored.x === undefined ? null : JSON.parse(stored.x),
    details: { ...stored.d, ...(stored.o ? { other: JSON.parse(stored.o) as Record<string, unknown> } : {}) },
  }
}

/** The outline of a state, as it is kept after the next one. */
export function encodePast(state: PastState): StoredPast {
  const name = state.name === defaultStateName(state.type) ? null : state.name
  const past: StoredPast = [STATE_TYPES.indexOf(state.type), state.timestamp]
  if (name || state.message) past.push(name)
  // The cut may go through the middle of a character, of which DynamoDB would not keep the half.
  if (state.message) past.push(state.message.slice(0, HISTORY_MESSAGE_MAX).toWellFormed())
  return past
}

/** The outline as it was encoded. */
export function decodePast([typeIndex, timestamp, name, message]: StoredPast): PastState {
  const type = STATE_TYPES[typeIndex] ?? 'SCHEDULED'
  return { type, name: name ?? defaultStateName(type), timestamp, message: message ?? null }
}
