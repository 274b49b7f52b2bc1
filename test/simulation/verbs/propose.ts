import type { BodyOf } from '#shared/client/client.ts'
import type { Caller } from '../outside/caller.ts'
import type { KnownRun } from '../outside/known.ts'
import { uuidOf } from './uuid-of.ts'
import type { Scene } from './verb.ts'

const ENDS = /^(?:CANCELL|FAILED|CRASHED)/

type State = BodyOf<'setFlowRunState'>['state']

/** What a proposal came to. */
export interface Proposed {
  accepted: boolean
  /** The type of the state that the run has then, as far as the answer says. */
  type: string | null
  /** Seconds to wait before it is proposed again. */
  waitSeconds: number
}

/** Proposes a state of a run; undefined when there was no answer, or an error. */
export async function propose(
  scene: Scene,
  client: Caller,
  run: KnownRun,
  state: State,
  force = false,
): Promise<Proposed | undefined> {
  const details = { transition_id: uuidOf(scene), ...state.state_details }
  // Whoever ends a run says why, as Prefect's clients do.
  const message = state.message ?? (ENDS.test(state.type) ? `${state.type} by a client.` : undefined)
  const body = { state: { ...state, ...(message === undefined ? {} : { message }), state_details: details }, force }
  const answer = await client.call('setFlowRunState', { id: run.id }, body)
  if (answer === undefined || answer.status >= 400) return undefined
  const { status, state: now, details: more } = answer.body
  const accepted = status === 'ACCEPT'
  return { accepted, type: now?.type ?? (accepted ? state.type : null), waitSeconds: more?.delay_seconds ?? 0 }
}
