import type { Fence } from './verdict.ts'

/** The claim that a request names: on the run with this id, or, without one, on whichever run the request is about. */
export interface NamedClaim extends Fence {
  runId?: string | undefined
}

/** The fence that a named claim is for a run; undefined when it is about another one. */
export function fenceFor(named: NamedClaim | undefined, runId: string): Fence | undefined {
  return named && (named.runId === undefined || named.runId === runId) ? named : undefined
}
