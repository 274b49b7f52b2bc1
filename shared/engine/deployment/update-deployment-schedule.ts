import type { Deployment, DeploymentSchedule } from '#shared/deployment/deployment.ts'
import { changeSchedule, type ScheduleChange } from '#shared/deployment/schedules.ts'
import type { Deps } from '#shared/deps.ts'
import { editDeployment } from './save-deployment.ts'

/** Changes one schedule; omitted members stay unchanged. Raises not_found and invalid. */
export async function updateDeploymentSchedule(
  deps: Deps,
  deploymentId: string,
  scheduleId: string,
  change: ScheduleChange,
): Promise<void> {
  const now = deps.clock.now()
  await editSchedules(deps, deploymentId, (before) => changeSchedule(before, scheduleId, change, now))
}

/** Changes all of a deployment's schedules at once and returns them. Raises not_found, and what `edit` raises. */
export async function editSchedules(
  deps: Deps,
  deploymentId: string,
  edit: (before: Deployment['schedules']) => DeploymentSchedule[],
): Promise<DeploymentSchedule[]> {
  const deployment = await editDeployment(deps, deploymentId, (before) => ({
    ...before,
    schedules: edit(before.schedules),
  }))
  return deployment.schedules
}
