import { deleteSchedule } from '#shared/deployment/schedules.ts'
import type { Deps } from '#shared/deps.ts'
import { editSchedules } from './update-deployment-schedule.ts'

/** Removes one schedule. Raises not_found. */
export async function deleteDeploymentSchedule(deps: Deps, deploymentId: string, scheduleId: string): Promise<void> {
  await editSchedules(deps, deploymentId, (before) => deleteSchedule(before, scheduleId))
}
