import { startedByOf, type Task } from '../../shared/task/task.ts'
import { RUN_ID, TASK_ARN } from './a-run.ts'

/** A task of the run's first generation, just asked for, unless told otherwise. */
export function aTask(overrides: Partial<Task> = {}): Task {
  return {
    taskArn: TASK_ARN,
    startedBy: startedByOf(RUN_ID, 1),
    lastStatus: 'PROVISIONING',
    version: 1,
    stopCode: null,
    stoppedReason: null,
    startedAt: null,
    stoppedAt: null,
    containers: [{ name: 'main', exitCode: null, reason: null }],
    ...overrides,
  }
}

/** A task whose container ended with this code. */
export function anExit(exitCode: number | null, overrides: Partial<Task> = {}): Task {
  return aTask({
    lastStatus: 'STOPPED',
    version: 5,
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    containers: [{ name: 'main', exitCode, reason: null }],
    ...overrides,
  })
}
