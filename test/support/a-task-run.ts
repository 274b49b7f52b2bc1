import { newState } from '../../shared/flow-run/state.ts'
import { NO_TASK_POLICY, type TaskRun } from '../../shared/task-run/task-run.ts'
import { RUN_ID, T0 } from './a-run.ts'

export const TASK_RUN_ID = '0198a1b2-c3d4-7e5f-8a9b-0c1d2e400000'

/** A task run that was created just now, unless told otherwise. */
export function aTaskRun(overrides: Partial<TaskRun> = {}): TaskRun {
  const state = overrides.state ?? newState('PENDING', T0)
  const { type, name, timestamp, message } = state
  return {
    id: TASK_RUN_ID,
    flowRunId: RUN_ID,
    taskKey: 'load-ab12',
    dynamicKey: '0',
    name: 'load-0',
    tags: [],
    policy: NO_TASK_POLICY,
    state,
    stateSequence: 1,
    history: [{ type, name, timestamp, message }],
    childIds: [],
    leased: false,
    runCount: 0,
    flowRunRunCount: 0,
    expectedStartTime: T0,
    nextScheduledStartTime: null,
    startTime: null,
    endTime: null,
    totalRunTimeSeconds: 0,
    created: T0,
    updated: T0,
    revision: 0,
    details: { taskVersion: null, cacheKey: null, cacheExpiration: null, labels: {}, inputs: {} },
    ...overrides,
  }
}
