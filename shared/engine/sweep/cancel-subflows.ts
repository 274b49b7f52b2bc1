import { TICK_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { setTaskRunState } from '#shared/engine/task-run/set-task-run-state.ts'
import { endedPhase } from '#shared/flow-run/phase.ts'
import type { RunRef } from '#shared/flow-run/run-ref.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds, dayOf, secondsBetween, sortable } from '#shared/instant.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { getTaskRuns } from '#shared/storage/task-run/get-task-run.ts'
import { listTaskRunIds } from '#shared/storage/task-run/list-task-run-ids.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'

/** How far back cancelled runs are inspected: some ticks may fail, and an index may lag. */
const CANCELLED_SECONDS = 15 * 60
/** Flow runs, and task runs of one, that one sweep looks at, and how many of these it holds at once. */
const RUNS_MAX = 200
const TASKS_MAX = 1_000
const PAGE_TASKS = 100
/** Recently cancelled flow runs that successive sweeps share, so that each is inspected within some ticks. */
const CANCELLED_MAX = (CANCELLED_SECONDS / TICK_SECONDS) * RUNS_MAX

const message = 'The parent flow run was cancelled.'

/**
 * Cancels what recently cancelled flow runs have started and left behind (Prefect's cancellation_cleanup): subflow
 * runs, and task runs with the slots that they hold. Returns how many.
 */
export async function cancelSubflows(deps: Deps): Promise<number> {
  const now = deps.clock.now()
  const since = addSeconds(now, -CANCELLED_SECONDS)
  const range = { from: sortable(since), limit: CANCELLED_MAX }
  const days = [...new Set([dayOf(since), dayOf(now)])]
  const pages = await Promise.all(
    days.map((day) => listPhase(deps.table, { phase: endedPhase('CANCELLED', day), ...range })),
  )
  const rows = pages.flatMap((page) => page.rows)
  const tick = Math.floor(secondsBetween(0, now) / TICK_SECONDS)
  const first = RUNS_MAX * (tick % Math.max(1, Math.ceil(rows.length / RUNS_MAX)))
  let cancelled = 0
  for (const { runId: id, life } of rows.slice(first, first + RUNS_MAX)) {
    cancelled += await cancelWithin(deps, { id, life })
  }
  return cancelled
}

async function cancelWithin(deps: Deps, run: RunRef): Promise<number> {
  const taskIds = await listTaskRunIds(deps.table, run, TASKS_MAX)
  let cancelled = 0
  for (let at = 0; at < taskIds.length; at += PAGE_TASKS) {
    cancelled += await cancelTasks(deps, await getTaskRuns(deps.table, taskIds.slice(at, at + PAGE_TASKS)))
  }
  return cancelled
}

async function cancelTasks(deps: Deps, tasks: readonly TaskRun[]): Promise<number> {
  const children = await getRuns(
    deps.table,
    tasks.flatMap((task) => task.childIds),
  )
  const taskIds = new Set(tasks.map((task) => task.id))
  let cancelled = 0
  for (const child of children) {
    // Deleted and created again by its key, it need not be a child any more.
    if (!taskIds.has(child.details.parentTaskRunId ?? '')) continue
    if (isTerminal(child.state.type) || child.state.type === 'CANCELLING') continue
    // One without a deployment lives in the parent's process, and has gone with it.
    const type = child.deploymentId ? 'CANCELLING' : 'CANCELLED'
    if ((await setState(deps, child.id, { type, message })).wrote) cancelled += 1
  }
  for (const task of tasks) {
    if (isTerminal(task.state.type) || task.childIds.length > 0) continue
    if ((await setTaskRunState(deps, task.id, { type: 'CANCELLED', message }, { force: true })).wrote) cancelled += 1
  }
  return cancelled
}
