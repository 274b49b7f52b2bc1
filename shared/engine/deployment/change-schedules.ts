import type { Deployment, DeploymentSchedule } from '#shared/deployment/deployment.ts'
import { addSchedules, changeSchedule, removeSchedule, type ScheduleChange } from '#shared/deployment/schedules.ts'
import type { Deps } from '#shared/deps.ts'
import { editDeployment } from './save-deployment.ts'

/** Adds schedules to a deployment and answers them. Raises not_found and invalid. */
export async function addDeploymentSchedules(
  deps: Deps,
  deploymentId: string,
  changes: readonly ScheduleChange[],
): Promise<DeploymentSchedule[]> {
  const now = deps.clock.now()
  const ids = changes.map(() => deps.ids.uuid())
  const after = await editSchedules(deps, deploymentId, (before) => {
    // The ids are made once: an edit that is decided again must not answer others than it wrote.
    const left = ids.values()
    return addSchedules(before, changes, { now, newId: () => left.next().value ?? deps.ids.uuid() })
  })
  return after.filter((one) => ids.includes(one.id))
}

/** Changes one schedule; what the change leaves out stays. Raises not_found and invalid. */
export async function changeDeploymentSchedule(
  deps: Deps,
  deploymentId: string,
  scheduleId: string,
  change: ScheduleChange,
): Promise<void> {
  const now = deps.clock.now()
  await editSchedules(deps, deploymentId, (before) => changeSchedule(before, scheduleId, change, now))
}

/** Removes one schedule. Raises not_found. */
export async function removeDeploymentSchedule(deps: Deps, deploymentId: string, scheduleId: string): Promise<void> {
  await editSchedules(deps, deploymentId, (before) => removeSchedule(before, scheduleId))
}

async function editSchedules(
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
