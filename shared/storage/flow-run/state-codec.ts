import { HISTORY_MESSAGE_MAX } from '#shared/bounds.ts'
import {
  defaultStateName,
  type PastState,
  STATE_TYPES,
  type State,
  type StateDetails,
  type StateType,
} from '#shared/flow-run/state.ts'
import { WRITER_KINDS, type Writer } from '#shared/flow-run/writer.ts'
import { parseJson } from '#shared/json/parse-json.ts'

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
/** [type and writer as one number, timestamp, name unless it is the type's own, message, id of the writer's key] */
export type StoredPast = [number, number, (string | null)?, (string | null)?, string?]

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
    data: stored.x === undefined ? null : parseJson(stored.x),
    details: { ...stored.d, ...(stored.o ? { other: parseJson(stored.o) as Record<string, unknown> } : {}) },
  }
}

/** The outline of a state, as it is kept after the next one. */
export function encodePast(state: PastState): StoredPast {
  const name = state.name === defaultStateName(state.type) ? null : state.name
  // The cut may go through the middle of a character, of which DynamoDB would not keep the half.
  const message = state.message?.slice(0, HISTORY_MESSAGE_MAX).toWellFormed() ?? null
  const rest = [name, message, state.by?.keyId ?? null]
  const given = rest.slice(0, rest.findLastIndex((each) => each !== null) + 1)
  return [STATE_TYPES.indexOf(state.type) + encodeWriter(state.by), state.timestamp, ...given] as StoredPast
}

/** The outline as it was encoded. */
export function decodePast([number, timestamp, name, message, keyId]: StoredPast): PastState {
  const type = STATE_TYPES[number % TYPES] ?? 'SCHEDULED'
  const by = decodeWriter(number, keyId ?? null)
  const past = { type, name: name ?? defaultStateName(type), timestamp, message: message ?? null }
  return by ? { ...past, by } : past
}

/** The digit of the state's type; then comes that of the writer's kind, from 1, and its generation before both. */
const TYPES = 10
const KINDS = 10

/** In one number with the type, a writer takes no more than a byte of the item, which is there for each state. */
function encodeWriter(by: Writer | undefined): number {
  return by ? TYPES * (WRITER_KINDS.indexOf(by.kind) + 1 + KINDS * by.generation) : 0
}

function decodeWriter(number: number, keyId: string | null): Writer | undefined {
  const writer = Math.floor(number / TYPES)
  const kind = WRITER_KINDS[(writer % KINDS) - 1]
  return kind && { kind, keyId, generation: Math.floor(writer / KINDS) }
}
