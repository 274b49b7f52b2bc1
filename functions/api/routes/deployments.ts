import type { Hono } from 'hono'
import * as contract from '#shared/contract/deployment/deployment.ts'
import { parseDeploymentChange, parseSchedules } from '#shared/contract/deployment/deployment-in.ts'
import { parseNewFlowRun } from '#shared/contract/flow-run/flow-run-in.ts'
import { type Deployment, deploymentIdOf } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { getDeploymentViews } from '#shared/engine/deployment/get-deployment-views.ts'
import { listDeployments } from '#shared/engine/deployment/list-deployments.ts'
import { runDeployment } from '#shared/engine/deployment/run-deployment.ts'
import { saveDeployment, updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { assertFlowRunClaim } from '#shared/engine/fence/assert-flow-run-claim.ts'
import { pollDeployments } from '#shared/engine/poll/poll-deployments.ts'
import { notFound } from '#shared/errors.ts'
import { flowIdOf } from '#shared/flow/flow.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { namedClaimOf, originOf } from '../named-claim.ts'
import { pageOf, sorted } from '../page.ts'
import { route, withStatus } from '../route.ts'
import { deploymentView } from '../views/deployment.ts'
import { flowRunViews, flowRunViewWithContext } from './flow-runs.ts'

/** Serves deployments: their settings, their runs, and the poll of processes that serve them. */
export function deploymentRoutes(app: Hono, deps: Deps): void {
  const views = async (all: readonly Deployment[]) => (await getDeploymentViews(deps, all)).map(deploymentView)
  const view = async (deployment: Deployment) => (await views([deployment]))[0] as ReturnType<typeof deploymentView>

  route(app, contract.createDeployment, async ({ body }) => {
    const { flow_id: flowId, name } = body
    const schedules = parseSchedules(body, deps.clock.now()) ?? []
    const { deployment, created } = await saveDeployment(deps, {
      flowId,
      name,
      change: parseDeploymentChange(body),
      schedules,
    })
    return withStatus(created ? 201 : 200, await view(deployment))
  })

  route(app, contract.getDeployment, async ({ params }) => {
    const deployment = await getDeployment(deps.table, params.id)
    if (!deployment) throw notFound('Deployment', params.id)
    return await view(deployment)
  })

  route(app, contract.getDeploymentByName, async ({ params }) => {
    const { flow_name: flowName, deployment_name: name } = params
    const deployment = await getDeployment(deps.table, deploymentIdOf(flowIdOf(flowName), name))
    if (!deployment) throw notFound('Deployment', `${flowName}/${name}`)
    return await view(deployment)
  })

  route(app, contract.updateDeployment, async ({ params, body }) => {
    await updateDeployment(deps, params.id, parseDeploymentChange(body), parseSchedules(body, deps.clock.now()))
  })

  route(app, contract.listDeployments, async ({ body }) => {
    const { sort, limit, offset, ...filters } = body
    return await views(sorted(await listDeployments(deps, filters), sort).slice(offset, offset + limit))
  })

  route(app, contract.paginateDeployments, async ({ body }) => {
    const { sort, limit, page, ...filters } = body
    const found = sorted(await listDeployments(deps, filters), sort)
    return pageOf(await views(found.slice((page - 1) * limit, page * limit)), found.length, body)
  })

  route(app, contract.countDeployments, async ({ body }) => (await listDeployments(deps, body)).length)

  route(app, contract.listScheduledFlowRuns, async ({ body }) => {
    const { deployment_ids: deploymentIds, scheduled_before: scheduledBefore, limit } = body
    return await flowRunViews(deps, await pollDeployments(deps, { deploymentIds, scheduledBefore, limit }))
  })

  route(app, contract.createFlowRunFromDeployment, async (request) => {
    const { params, body } = request
    const named = namedClaimOf(request)
    if (body.parent_task_run_id) await assertFlowRunClaim(deps, { taskRunId: body.parent_task_run_id }, named)
    const input = { ...parseNewFlowRun(body), origin: originOf(request, named) }
    const { run, created } = await runDeployment(deps, params.id, input)
    return withStatus(created ? 201 : 200, await flowRunViewWithContext(deps, run))
  })
}
