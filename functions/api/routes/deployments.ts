import type { Hono } from 'hono'
import * as contract from '#shared/contract/deployment/deployment.ts'
import { readChange, readSchedules } from '#shared/contract/deployment/deployment-in.ts'
import { readWish } from '#shared/contract/flow-run/flow-run-in.ts'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { describeDeployments } from '#shared/engine/deployment/describe-deployments.ts'
import { findDeployments } from '#shared/engine/deployment/find-deployments.ts'
import { removeDeployment } from '#shared/engine/deployment/remove-deployment.ts'
import { runDeployment } from '#shared/engine/deployment/run-deployment.ts'
import { deploymentIdOf, saveDeployment, updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { flowIdOf } from '#shared/engine/flow/ensure-flow.ts'
import { pollDeployments } from '#shared/engine/poll/poll-deployments.ts'
import { notFound } from '#shared/errors.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { pageOf, sorted } from '../page.ts'
import { route, withStatus } from '../route.ts'
import { deploymentView } from '../views/deployment.ts'
import { showRun, showRuns } from './flow-runs.ts'

/** Serves deployments: their settings, their runs, and the poll of processes that serve them. */
export function deploymentRoutes(app: Hono, deps: Deps): void {
  const views = async (all: readonly Deployment[]) => (await describeDeployments(deps, all)).map(deploymentView)
  const view = async (deployment: Deployment) => (await views([deployment]))[0] as ReturnType<typeof deploymentView>

  route(app, contract.createDeployment, async ({ body }) => {
    const { flow_id: flowId, name } = body
    const schedules = readSchedules(body, deps.clock.now()) ?? []
    const { deployment, created } = await saveDeployment(deps, { flowId, name, change: readChange(body), schedules })
    return withStatus(created ? 201 : 200, await view(deployment))
  })

  route(app, contract.readDeployment, async ({ params }) => {
    const deployment = await getDeployment(deps.table, params.id)
    if (!deployment) throw notFound('Deployment', params.id)
    return await view(deployment)
  })

  route(app, contract.readDeploymentByName, async ({ params }) => {
    const { flow_name: flowName, deployment_name: name } = params
    const deployment = await getDeployment(deps.table, deploymentIdOf(flowIdOf(flowName), name))
    if (!deployment) throw notFound('Deployment', `${flowName}/${name}`)
    return await view(deployment)
  })

  route(app, contract.updateDeployment, async ({ params, body }) => {
    await updateDeployment(deps, params.id, readChange(body), readSchedules(body, deps.clock.now()))
  })

  route(app, contract.deleteDeployment, ({ params }) => removeDeployment(deps, params.id))

  route(app, contract.listDeployments, async ({ body }) => {
    const { sort, limit, offset, ...filters } = body
    return await views(sorted(await findDeployments(deps, filters), sort).slice(offset, offset + limit))
  })

  route(app, contract.paginateDeployments, async ({ body }) => {
    const { sort, limit, page, ...filters } = body
    const found = sorted(await findDeployments(deps, filters), sort)
    return pageOf(await views(found.slice((page - 1) * limit, page * limit)), found.length, body)
  })

  route(app, contract.countDeployments, async ({ body }) => (await findDeployments(deps, body)).length)

  route(app, contract.getScheduledRuns, async ({ body }) => {
    const { deployment_ids: deploymentIds, scheduled_before: scheduledBefore, limit } = body
    return await showRuns(deps, await pollDeployments(deps, { deploymentIds, scheduledBefore, limit }))
  })

  route(app, contract.createRunFromDeployment, async ({ params, body }) => {
    const { run, created } = await runDeployment(deps, params.id, readWish(body))
    return withStatus(created ? 201 : 200, await showRun(deps, run))
  })
}
