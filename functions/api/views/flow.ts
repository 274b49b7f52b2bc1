import type { Flow } from '#shared/flow/flow.ts'
import { formatInstant } from '#shared/instant.ts'

/** A flow as Prefect's clients read it. */
export function flowView(flow: Flow) {
  const { id, name, tags, labels } = flow
  return { id, created: formatInstant(flow.created), updated: formatInstant(flow.updated), name, tags, labels }
}
