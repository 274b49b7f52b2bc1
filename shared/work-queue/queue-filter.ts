import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isRecord } from '#shared/json/is-record.ts'

/** The filter of a queue that selects runs instead of holding them: Prefect's QueueFilter, deprecated since 2.8. */
export interface QueueFilter {
  /** All of these. */
  tags: readonly string[]
  /** Any of these; undefined: of whatever deployment, but of one. */
  deploymentIds: readonly string[] | undefined
}

/** Reads a stored filter; undefined when the queue has none, and holds runs as all others do. */
export function parseQueueFilter(stored: Record<string, unknown> | null): QueueFilter | undefined {
  if (!isRecord(stored)) return undefined
  const { tags, deployment_ids: deploymentIds } = stored
  return { tags: textsOf(tags) ?? [], deploymentIds: textsOf(deploymentIds) }
}

function textsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : undefined
}

/** Whether a deployment's runs may be among those that a filter names. */
export function takesDeployment({ deploymentIds }: QueueFilter, deploymentId: string | null): boolean {
  return deploymentId !== null && (deploymentIds?.includes(deploymentId) ?? true)
}

/** Whether a run is among those that a filter names. */
export function takesRun(filter: QueueFilter, { deploymentId, details }: FlowRun): boolean {
  return takesDeployment(filter, deploymentId) && filter.tags.every((tag) => details.tags.includes(tag))
}
