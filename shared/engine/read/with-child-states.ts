import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'

/**
 * Task runs as they are shown: one linked to a subflow's run shows that run's state, with its times and counts.
 * Prefect's server copies them at each transition (UpdateSubflowParentTask); read from the run itself, they are never
 * behind, and cost no write.
 */
export async function withChildStates(deps: Deps, tasks: readonly TaskRun[]): Promise<TaskRun[]> {
  const childIds = tasks.flatMap((task) => task.childIds)
  const runs = new Map((await getRuns(deps.table, childIds)).map((run) => [run.id, run]))
  return tasks.map((task) => {
    // A child that was deleted and created again by its key need not be a child any more.
    const children = task.childIds.flatMap((id) => runs.get(id) ?? [])
    const run = children.findLast(({ details }) => details.parentTaskRunId === task.id)
    return run ? inStateOf(task, run) : task
  })
}

function inStateOf(task: TaskRun, run: FlowRun): TaskRun {
  const { state, stateSequence, history, runCount, startTime, endTime, totalRunTimeSeconds, nextScheduledStartTime } =
    run
  const other = { ...state.details.other, child_flow_run_id: run.id }
  return {
    ...task,
    state: { ...state, details: { ...state.details, other } },
    stateSequence,
    history,
    runCount,
    startTime,
    endTime,
    totalRunTimeSeconds,
    nextScheduledStartTime,
    updated: Math.max(task.updated, run.updated),
  }
}
