import type { DeploymentSchedule } from '#shared/deployment/deployment.ts'
import { addSchedules, type ScheduleChange } from '#shared/deployment/schedules.ts'
import type { Deps } from '#shared/deps.ts'
import { editSchedules } from './update-deployment-schedule.ts'

/** Adds schedules to a deployment and returns them. Raises not_found and invalid. */
export async function createDeploymentSchedules(
  deps: Deps,
  deploymentId: string,
  changes: readonly ScheduleChange[],
): Promise<DeploymentSchedule[]> {
  const now = deps.clock.now()
  const ids = changes.map(() => deps.ids.uuid())
  const after = await editSchedules(deps, deploymentId, (before) => {
    // The ids are created once: an edit that is decided again must return those that it wrote.
    const left = ids.values()
    return addSchedules(before, changes, { now, newId: () => left.next().value ?? deps.ids.uuid() })
  })
  return after.filter((one) => ids.includes(one.id))
}
