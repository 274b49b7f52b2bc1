import type { BodyOf, ReplyOf } from '#shared/client/create-client.ts'

export type Proposed = BodyOf<'setFlowRunState'>['state']
type Reply = ReplyOf<'setFlowRunState'>

/** What became of a proposed state. */
export type Answered =
  | { kind: 'entered' }
  | { kind: 'wait'; seconds: number }
  /** The run goes on in its process: it is to be proposed as RUNNING again, and started anew. */
  | { kind: 'again' }
  /** Somebody cancels it, and wants to hear that it has stopped. */
  | { kind: 'cancelling'; message: string | null }
  /** It has ended already. */
  | { kind: 'over' }
  /** It is no longer this agent's, or no longer exists. */
  | { kind: 'lost' }
  | { kind: 'refused'; reason: string }

const ENDS = new Set(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'])

/** Reads the answer to a proposal, which may be a repeat of one whose answer was lost. */
export function judgeAnswer(proposed: Proposed, { status, state, details }: Reply): Answered {
  if (status === 'ACCEPT') return { kind: 'entered' }
  if (status === 'WAIT') return { kind: 'wait', seconds: details.delay_seconds ?? 1 }
  if (status === 'REJECT') return judgeRejection(proposed, state)
  const reason = details.reason ?? 'no reason was given'
  if (reason.startsWith('stale_generation')) return { kind: 'lost' }
  return /already in terminal state/.test(reason) ? { kind: 'over' } : { kind: 'refused', reason }
}

/** A rejection names the state that the run has, or gets, instead. */
function judgeRejection(proposed: Proposed, state: Reply['state']): Answered {
  if (state?.type === proposed.type) return { kind: 'entered' }
  if (state?.type === 'CANCELLING') return { kind: 'cancelling', message: state.message }
  if (state?.type === 'SCHEDULED') return proposed.type === 'FAILED' ? { kind: 'again' } : { kind: 'lost' }
  if (state && ENDS.has(state.type)) return { kind: 'over' }
  return { kind: 'refused', reason: `it is ${state?.name ?? 'unknown'}` }
}
