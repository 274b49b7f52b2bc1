import * as z from 'zod/mini'
import { MESSAGE_MAX } from '#shared/bounds.ts'
import { endpoint } from '#shared/contract/endpoint.ts'
import { InstantIn, InstantOut, maybe, named, UuidIn, UuidOut, withDefault } from '#shared/contract/wire.ts'
import { STATE_TYPES, type StateDetails } from '#shared/flow-run/state.ts'
import type { ProposedState } from '#shared/flow-run/verdict.ts'

const tag = 'Flow run states'
/** A state is part of the run's hot item, which every transition writes; results themselves are stored elsewhere. */
const STATE_PART_CHARS_MAX = 50_000

/** A state in a response: Prefect's `State`. */
export const StateOut = named('State', () =>
  z.object({
    id: UuidOut,
    type: z.enum(STATE_TYPES),
    name: z.string(),
    timestamp: InstantOut,
    message: z.nullable(z.string()),
    data: z.unknown(),
    state_details: named('StateDetails', () =>
      z.looseObject({
        flow_run_id: z.nullable(UuidOut),
        scheduled_time: z.nullable(InstantOut),
        pause_timeout: z.nullable(InstantOut),
        pause_reschedule: z.boolean(),
        pause_key: z.nullable(z.string()),
        transition_id: z.nullable(UuidOut),
        untrackable_result: z.boolean(),
      }),
    ),
  }),
)

/** Text of the hot item: not long. */
export const ShortTextIn = z.string().check(z.maxLength(255))

const StateDetailsIn = named('StateDetailsInput', () =>
  z.looseObject({
    scheduled_time: maybe(InstantIn),
    pause_timeout: maybe(InstantIn),
    pause_reschedule: maybe(z.boolean()),
    pause_key: maybe(ShortTextIn),
    transition_id: maybe(UuidIn),
    untrackable_result: maybe(z.boolean()),
  }),
)

const small = z.refine(
  (value: unknown) => (JSON.stringify(value) ?? '').length <= STATE_PART_CHARS_MAX,
  `must be at most ${STATE_PART_CHARS_MAX} characters of JSON`,
)

/** A state that a client proposes: Prefect's `StateCreate`. A message that is too long is cut, as losing it all is worse. */
export const StateIn = named('StateInput', () =>
  z.pipe(
    z.object({
      type: z.enum(STATE_TYPES),
      name: maybe(ShortTextIn.check(z.minLength(1))),
      message: maybe(z.string()),
      data: z.optional(z.unknown().check(small)),
      state_details: maybe(StateDetailsIn.check(small)),
    }),
    z.transform(
      ({ type, name, message, data, state_details }): ProposedState => ({
        // The form of clients before Prefect 2.8.
        type: type === 'CANCELLED' && name === 'Cancelling' ? 'CANCELLING' : type,
        name,
        message: message?.slice(0, MESSAGE_MAX).toWellFormed() ?? null,
        data: data ?? null,
        details: state_details && parseDetails(state_details),
      }),
    ),
  ),
)

/** How a state is proposed for a flow run or a task run. */
export const StateProposalIn = named('StateProposalRequest', () =>
  z.object({ state: StateIn, force: withDefault(z.boolean(), false) }),
)

/**
 * Keys that only clients know are kept under their wire name; the run's own id is set by the service. What is unset is
 * left out, as all of this is in the item that every transition writes. (`retriable` counts even when false.)
 */
function parseDetails(wire: z.output<typeof StateDetailsIn>): StateDetails {
  const {
    scheduled_time: scheduledTime,
    pause_timeout: pauseTimeout,
    pause_reschedule: pauseReschedule,
    pause_key: pauseKey,
    transition_id: transitionId,
    untrackable_result: untrackableResult,
    flow_run_id: _,
    task_run_id: __,
    child_flow_run_id: ___,
    ...rest
  } = wire
  const known = { scheduledTime, pauseTimeout, pauseReschedule, pauseKey, transitionId, untrackableResult }
  const other = { ...withoutUnset(rest), ...(rest.retriable === false ? { retriable: false } : {}) }
  return { ...withoutUnset(known), ...(Object.keys(other).length > 0 ? { other } : {}) }
}

/** Prefect's own details are null or false when unset. */
function withoutUnset(members: Record<string, unknown>): Record<string, unknown> {
  const set = Object.entries(members).filter(([, value]) => value !== undefined && value !== null && value !== false)
  return Object.fromEntries(set)
}

export const listFlowRunStates = endpoint({
  method: 'GET',
  path: '/flow_run_states/',
  scope: 'work',
  tag,
  summary: "List a flow run's states, oldest first, ending with the current one.",
  query: () => z.object({ flow_run_id: UuidIn }),
  reply: () => z.array(StateOut),
  status: 200,
})

export const getFlowRunState = endpoint({
  method: 'GET',
  path: '/flow_run_states/:id',
  scope: 'work',
  tag,
  summary: 'Get a state of a flow run.',
  params: () => z.object({ id: UuidIn }),
  reply: () => StateOut,
  status: 200,
})
