import type { FlowRun, Unanswered } from '#shared/flow-run/flow-run.ts'

/** The unanswered launches of a run after one more in its present generation. */
export function unansweredBy({ unanswered, generation }: Pick<FlowRun, 'unanswered' | 'generation'>): Unanswered {
  const { calls = 0, generations = 0, last } = unanswered ?? {}
  return { calls: calls + 1, generations: last === generation ? generations : generations + 1, last: generation }
}
