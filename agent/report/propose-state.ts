import type { Courier } from './courier.ts'
import { isGone, wordsOf } from './failure.ts'
import { fenceHeaders, type RunClaim } from './hand-out.ts'
import { type Answered, judgeAnswer, type Proposed } from './judge-answer.ts'

/**
 * Proposes a state of a run, until there is an answer. The proposal has an id of its own, so that the service knows a
 * repeat. Throws only the signal's reason.
 */
export async function proposeState(
  courier: Courier,
  claim: RunClaim,
  state: Proposed,
  signal?: AbortSignal,
): Promise<Answered> {
  const details = { ...state.state_details, transition_id: crypto.randomUUID() }
  const body = { state: { ...state, state_details: details } }
  const headers = fenceHeaders(claim)
  try {
    const { id } = claim
    const reply = await courier.send((client) => client.setFlowRunState({ id }, body, { headers, signal }), signal)
    return judgeAnswer(state, reply)
  } catch (error) {
    signal?.throwIfAborted()
    return isGone(error) ? { kind: 'lost' } : { kind: 'refused', reason: wordsOf(error) }
  }
}
