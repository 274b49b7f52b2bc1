import type { Deps } from '#shared/deps.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { asRunId } from '#shared/flow-run/ids.ts'
import { randomRunName } from '#shared/flow-run/run-name.ts'
import { newState } from '#shared/flow-run/state.ts'
import type { ProposedState } from '#shared/flow-run/verdict.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import * as storage from '#shared/storage/task-run/create-task-run.ts'
import { deleteTaskRuns } from '#shared/storage/task-run/delete-task-runs.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { advanceTaskRun } from '#shared/task-run/advance-task-run.ts'
import { taskRunIdOf } from '#shared/task-run/ids.ts'
import { NO_TASK_POLICY, type TaskRun, type TaskRunDetails, type TaskRunPolicy } from '#shared/task-run/task-run.ts'

/** A new task run as a client describes it; omitted members take the default. */
export interface NewTaskRun {
  /** An id of the client's own choice; then that is what makes it the same task run, and not its keys. */
  id?: string | undefined
  flowRunId: string | null
  taskKey: string
  dynamicKey: string
  name?: string | undefined
  tags: string[]
  policy: Partial<TaskRunPolicy>
  /** PENDING when left out. */
  state?: ProposedState | undefined
  details: TaskRunDetails
}

/**
 * Creates a task run, once for its keys in its flow run: a repeat returns the existing one. A first RUNNING is accepted
 * like any state; only set_state takes slots. Raises not_found for the flow run.
 */
export async function createTaskRun(deps: Deps, input: NewTaskRun): Promise<{ task: TaskRun; created: boolean }> {
  const { flowRunId } = input
  const flowRun = flowRunId ? await getRun(deps.table, flowRunId) : undefined
  if (flowRunId && !flowRun) throw notFound('Flow run', flowRunId)
  const task = newTaskRun(deps, input, flowRun)
  if (await storage.createTaskRun(deps.table, task)) return { task, created: true }
  const existing = await getTaskRun(deps.table, task.id)
  if (existing && isLeftOver(existing, task)) {
    await deleteTaskRuns(deps.table, [existing])
    return await createTaskRun(deps, { ...input, id: task.id })
  }
  if (!existing) throw new DomainError('unavailable', 'The task run was deleted while it was being created; retry.')
  return { task: existing, created: false }
}

/** Whether a task run is from a former life of the flow run, whose deletion has not come to it yet. */
function isLeftOver(existing: TaskRun, { flowRunId, flowRunLife }: TaskRun): boolean {
  return flowRunId !== null && existing.flowRunId === flowRunId && existing.flowRunLife !== flowRunLife
}

function newTaskRun(deps: Deps, input: NewTaskRun, flowRun: FlowRun | undefined): TaskRun {
  const { flowRunId, taskKey, dynamicKey, tags, details } = input
  const now = deps.clock.now()
  const state = newState(input.state?.type ?? 'PENDING', now, input.state)
  // Outside flows keys mean nothing: such a task is found only by its id.
  const derived = flowRun ? taskRunIdOf(flowRun, taskKey, dynamicKey) : asRunId(deps.ids.uuid())
  const blank: TaskRun = {
    id: input.id ?? derived,
    flowRunId,
    flowRunLife: flowRun?.life ?? null,
    taskKey,
    dynamicKey,
    name: input.name || randomRunName(() => deps.ids.random()),
    tags,
    policy: { ...NO_TASK_POLICY, ...input.policy },
    state: { type: 'PENDING', name: '', timestamp: 0, message: null, data: null, details: {} },
    stateSequence: 0,
    history: [],
    childIds: [],
    leased: false,
    runCount: 0,
    flowRunRunCount: 0,
    expectedStartTime: state.details.scheduledTime ?? now,
    nextScheduledStartTime: null,
    startTime: null,
    endTime: null,
    totalRunTimeSeconds: 0,
    created: now,
    updated: now,
    revision: 0,
    details,
  }
  return advanceTaskRun(blank, state, flowRun?.runCount ?? 0)
}
