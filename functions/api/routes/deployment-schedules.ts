import type { Hono } from 'hono'
import * as pausing from '#shared/contract/deployment/deployment.ts'
import { readSchedule } from '#shared/contract/deployment/deployment-in.ts'
import * as contract from '#shared/contract/deployment/deployment-schedule.ts'
import type { Deps } from '#shared/deps.ts'
import {
  addDeploymentSchedules,
  changeDeploymentSchedule,
  removeDeploymentSchedule,
} from '#shared/engine/deployment/change-schedules.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { notFound } from '#shared/errors.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { route } from '../route.ts'
import { scheduleView } from '../views/deployment.ts'

/** Serves a deployment's schedules: which there are, and whether they make runs. */
export function deploymentScheduleRoutes(app: Hono, deps: Deps): void {
  route(app, contract.listSchedules, async ({ params }) => {
    const deployment = await getDeployment(deps.table, params.id)
    if (!deployment) throw notFound('Deployment', params.id)
    return deployment.schedules.map((schedule) => scheduleView(params.id, schedule))
  })

  route(app, contract.addSchedules, async ({ params, body }) => {
    const given = body.map((schedule) => readSchedule(schedule, deps.clock.now()))
    const added = await addDeploymentSchedules(deps, params.id, given)
    return added.map((schedule) => scheduleView(params.id, schedule))
  })

  route(app, contract.updateSchedule, async ({ params, body }) => {
    await changeDeploymentSchedule(deps, params.id, params.schedule_id, readSchedule(body, deps.clock.now()))
  })

  route(app, contract.deleteSchedule, ({ params }) => removeDeploymentSchedule(deps, params.id, params.schedule_id))

  const pause = (paused: boolean) => async (request: { params: { id: string } }) => {
    await updateDeployment(deps, request.params.id, { paused })
    return null
  }
  route(app, pausing.pauseDeployment, pause(true))
  route(app, pausing.setScheduleInactive, pause(true))
  route(app, pausing.resumeDeployment, pause(false))
  route(app, pausing.setScheduleActive, pause(false))
}
