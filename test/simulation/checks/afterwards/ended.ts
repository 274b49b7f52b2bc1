import type { EcsTask } from '#shared/ecs-task/ecs-task.ts'
import type { Instant } from '#shared/instant.ts'

/** What ECS says of a task once it has done its work. */
export function ended(task: EcsTask, at: Instant): EcsTask {
  return {
    ...task,
    version: task.version + 1,
    lastStatus: 'STOPPED',
    startedAt: task.startedAt ?? at,
    stoppedAt: at,
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    containers: task.containers.map((container) => ({ ...container, exitCode: 0 })),
  }
}
