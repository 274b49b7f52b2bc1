import type { Hono } from 'hono'
import * as contract from '#shared/contract/flow-run/flow-run.ts'
import { parseDetailsChange, parseNewFlowRun, parsePolicy } from '#shared/contract/flow-run/flow-run-in.ts'
import type { Deps } from '#shared/deps.ts'
import { assertFlowRunClaim } from '#shared/engine/fence/assert-flow-run-claim.ts'
import { runFlow } from '#shared/engine/flow-run/run-flow.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { addLabels, updateFlowRun } from '#shared/engine/flow-run/update-flow-run.ts'
import { countFlowRuns, listFlowRuns } from '#shared/engine/read/list-flow-runs.ts'
import { queueNamesOf } from '#shared/engine/read/queue-names.ts'
import { notFound } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { fenceOf, namedClaimOf, originOf } from '../named-claim.ts'
import { pageOf } from '../page.ts'
import { route, withStatus } from '../route.ts'
import { flowRunView } from '../views/flow-run.ts'
import { orchestrationView } from '../views/orchestration.ts'

/** Serves flow runs: what describes them, their transitions, and lists of them. */
export function flowRunRoutes(app: Hono, deps: Deps): void {
  route(app, contract.createFlowRun, async (request) => {
    const { body } = request
    const { flow_id: flowId, deployment_id: deploymentId, work_pool_name: poolName } = body
    const named = namedClaimOf(request)
    if (body.parent_task_run_id) await assertFlowRunClaim(deps, { taskRunId: body.parent_task_run_id }, named)
    const origin = originOf(request, named)
    const { run, created } = await runFlow(deps, { ...parseNewFlowRun(body), flowId, deploymentId, poolName, origin })
    return withStatus(created ? 201 : 200, await flowRunViewWithContext(deps, run))
  })

  route(app, contract.getFlowRun, async ({ params }) => {
    const run = await getRun(deps.table, params.id)
    if (!run) throw notFound('Flow run', params.id)
    return await flowRunViewWithContext(deps, run)
  })

  route(app, contract.updateFlowRun, async ({ params, body, header }) => {
    const change = {
      details: parseDetailsChange(body),
      policy: parsePolicy(body.empirical_policy),
      infrastructurePid: body.infrastructure_pid,
    }
    await updateFlowRun(deps, params.id, change, fenceOf({ header }, params.id))
  })

  route(app, contract.setFlowRunLabels, ({ params, body, header }) =>
    addLabels(deps, params.id, body, fenceOf({ header }, params.id)),
  )

  route(app, contract.setFlowRunState, async (request) => {
    const { params, body } = request
    const fence = fenceOf(request, params.id)
    const options = { force: body.force, fence, origin: originOf(request, fence) }
    const result = await setState(deps, params.id, body.state, options)
    return withStatus(result.wrote ? 201 : 200, orchestrationView(result, deps.clock.now()))
  })

  route(app, contract.listFlowRuns, async ({ body }) => {
    const { sort, limit, offset, ...filters } = body
    return await flowRunViews(deps, await listFlowRuns(deps, { filters, sort, limit, offset }))
  })

  route(app, contract.countFlowRuns, ({ body }) => countFlowRuns(deps, body))

  route(app, contract.paginateFlowRuns, async ({ body }) => {
    const { sort, limit, page, ...filters } = body
    const [count, runs] = await Promise.all([
      countFlowRuns(deps, filters),
      listFlowRuns(deps, { filters, sort, limit, offset: (page - 1) * limit }),
    ])
    return pageOf(await flowRunViews(deps, runs), count, body)
  })
}

/** Runs with the names of where they wait. */
export async function flowRunViews(deps: Deps, runs: readonly FlowRun[]) {
  const queues = await queueNamesOf(deps, runs)
  const now = deps.clock.now()
  return runs.map((run) => flowRunView(run, { now, queues }))
}

/** A run with the names of where it waits. */
export async function flowRunViewWithContext(deps: Deps, run: FlowRun) {
  return flowRunView(run, { now: deps.clock.now(), queues: await queueNamesOf(deps, [run]) })
}
