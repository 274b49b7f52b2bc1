import { parseStartedBy } from '#shared/ecs-task/ecs-task.ts'
import type { Fence } from '#shared/flow-run/verdict.ts'

/**
 * A proposer that works under a claim says which; an agent's and a launched task's requests carry it. With a run's id
 * and life before it (`<id>/<life>/2`) it is about that run alone, since a flow has one set of headers for all of its requests.
 */
export const GENERATION_HEADER = 'x-pushpool-generation'

/** The claim that a request about a run is made under; undefined where it names none, or that of another run. */
export function parseFence(text = '', runId: string): Fence | undefined {
  if (/^\d{1,9}$/.test(text)) return { generation: Number(text) }
  const claim = parseStartedBy(text)
  return claim?.id === runId ? claim : undefined
}
