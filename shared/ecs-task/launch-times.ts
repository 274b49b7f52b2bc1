import type { Launch } from '#shared/flow-run/flow-run.ts'
import { type EcsTask, isStopped } from './ecs-task.ts'
import { exitCodeOf } from './stop-reason.ts'

/** A launch with what its task says of its times and end; what an earlier report said stays. */
export function withTimes(launch: Launch, task: EcsTask): Launch {
  const { createdAt, startedAt, stoppedAt, stopCode } = task
  const told = { createdAt, startedAt, stoppedAt, stopCode, exitCode: isStopped(task) ? exitCodeOf(task) : null }
  return { ...launch, ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)) }
}
