import type { Hono } from 'hono'
import * as pausing from '#shared/contract/deployment/deployment.ts'
import { parseSchedule } from '#shared/contract/deployment/deployment-in.ts'
import * as contract from '#shared/contract/deployment/deployment-schedule.ts'
import type { Deps } from '#shared/deps.ts'
import { createDeploymentSchedules } from '#shared/engine/deployment/create-deployment-schedules.ts'
import { deleteDeploymentSchedule } from '#shared/engine/deployment/delete-deployment-schedule.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { updateDeploymentSchedule } from '#shared/engine/deployment/update-deployment-schedule.ts'
import { notFound } from '#shared/errors.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { route } from '../route.ts'
import { scheduleView } from '../views/deployment.ts'

/** Serves a deployment's schedules: their list, and whether they are active. */
export function deploymentScheduleRoutes(app: Hono, deps: Deps): void {
  route(app, contract.listDeploymentSchedules, async ({ params }) => {
    const deployment = await getDeployment(deps.table, params.id)
    if (!deployment) throw notFound('Deployment', params.id)
    return deployment.schedules.map((schedule) => scheduleView(params.id, schedule))
  })

  route(app, contract.createDeploymentSchedules, async ({ params, body }) => {
    const given = body.map((schedule) => parseSchedule(schedule, deps.clock.now()))
    const added = await createDeploymentSchedules(deps, params.id, given)
    return added.map((schedule) => scheduleView(params.id, schedule))
  })

  route(app, contract.updateDeploymentSchedule, async ({ params, body }) => {
    await updateDeploymentSchedule(deps, params.id, params.schedule_id, parseSchedule(body, deps.clock.now()))
  })

  route(app, contract.deleteDeploymentSchedule, ({ params }) =>
    deleteDeploymentSchedule(deps, params.id, params.schedule_id),
  )

  const pause = (paused: boolean) => async (request: { params: { id: string } }) => {
    await updateDeployment(deps, request.params.id, { paused })
    return null
  }
  route(app, pausing.pauseDeployment, pause(true))
  route(app, pausing.setDeploymentScheduleInactive, pause(true))
  route(app, pausing.resumeDeployment, pause(false))
  route(app, pausing.setDeploymentScheduleActive, pause(false))
}
