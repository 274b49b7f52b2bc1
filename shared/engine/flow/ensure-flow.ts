import type { Deps } from '#shared/deps.ts'
import { type Flow, flowIdOf } from '#shared/flow/flow.ts'
import { createFlow } from '#shared/storage/flow/create-flow.ts'
import { getFlow } from '#shared/storage/flow/get-flow.ts'

/** Creates a flow, or returns the existing one of that name (a rule of Prefect's API). */
export async function ensureFlow(
  deps: Deps,
  given: Pick<Flow, 'name' | 'tags' | 'labels'>,
): Promise<{ flow: Flow; created: boolean }> {
  const now = deps.clock.now()
  const flow: Flow = { id: flowIdOf(given.name), ...given, created: now, updated: now }
  if (await createFlow(deps.table, flow)) {
    deps.log.info('flow created', { flowId: flow.id, flow: flow.name })
    return { flow, created: true }
  }
  return { flow: (await getFlow(deps.table, flow.id)) ?? flow, created: false }
}
