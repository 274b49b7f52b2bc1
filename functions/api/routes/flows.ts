import type { Hono } from 'hono'
import * as contract from '#shared/contract/flow/flow.ts'
import type { Deps } from '#shared/deps.ts'
import { ensureFlow } from '#shared/engine/flow/ensure-flow.ts'
import { listFlows } from '#shared/engine/flow/list-flows.ts'
import { notFound } from '#shared/errors.ts'
import { flowIdOf } from '#shared/flow/flow.ts'
import { getFlow } from '#shared/storage/flow/get-flow.ts'
import { setFlowTags } from '#shared/storage/flow/set-flow-tags.ts'
import { sorted } from '../page.ts'
import { route, withStatus } from '../route.ts'
import { flowView } from '../views/flow.ts'

/** Serves flows. */
export function flowRoutes(app: Hono, deps: Deps): void {
  route(app, contract.createFlow, async ({ body }) => {
    const { flow, created } = await ensureFlow(deps, body)
    return withStatus(created ? 201 : 200, flowView(flow))
  })

  route(app, contract.getFlow, async ({ params }) => {
    const flow = await getFlow(deps.table, params.id)
    if (!flow) throw notFound('Flow', params.id)
    return flowView(flow)
  })

  route(app, contract.getFlowByName, async ({ params }) => {
    const flow = await getFlow(deps.table, flowIdOf(params.name))
    if (!flow) throw notFound('Flow', params.name)
    return flowView(flow)
  })

  route(app, contract.updateFlow, async ({ params, body }) => {
    const change = { id: params.id, tags: body.tags, updated: deps.clock.now() }
    if (!(await setFlowTags(deps.table, change))) throw notFound('Flow', params.id)
  })

  route(app, contract.listFlows, async ({ body }) => {
    const { sort, limit, offset, ...filters } = body
    return sorted(await listFlows(deps, filters), sort)
      .slice(offset, offset + limit)
      .map(flowView)
  })

  route(app, contract.countFlows, async ({ body }) => (await listFlows(deps, body)).length)
}
