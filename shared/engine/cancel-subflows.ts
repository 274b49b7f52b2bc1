import type { Deps } from '../deps.ts'
import { endedPhase } from '../flow-run/phase.ts'
import { isTerminal } from '../flow-run/state.ts'
import { addSeconds, dayOf, sortable } from '../instant.ts'
import { getRuns } from '../storage/get-run.ts'
import { getTaskRuns } from '../storage/get-task-run.ts'
import { listPhase } from '../storage/list-phase.ts'
import { listTaskRunIds } from '../storage/list-task-runs.ts'
import { setState } from './set-state.ts'
import { setTaskState } from './set-task-state.ts'

/** How far back cancelled runs are looked at: some ticks may fail, and an index may lag. */
const CANCELLED_SECONDS = 15 * 60
/** Flow runs, and task runs of one, that one sweep looks at. */
const RUNS_MAX = 200
const TASKS_MAX = 1_000

const message = 'The parent flow run was cancelled.'

/**
 * Cancels what runs of lately cancelled flow runs have started and left behind (Prefect's cancellation_cleanup): subflow
 * runs, and task runs with the slots that they hold. Answers how many.
 */
export async function cancelSubflows(deps: Deps): Promise<number> {
  const now = deps.clock.now()
  const since = addSeconds(now, -CANCELLED_SECONDS)
  const range = { from: sortable(since), limit: RUNS_MAX, descending: true }
  const days = [...new Set([dayOf(now), dayOf(since)])]
  const pages = await Promise.all(
    days.map((day) => listPhase(deps.table, { phase: endedPhase('CANCELLED', day), ...range })),
  )
  let cancelled = 0
  for (const { runId } of pages.flatMap((page) => page.rows)) cancelled += await cancelWithin(deps, runId)
  return cancelled
}

async function cancelWithin(deps: Deps, runId: string): Promise<number> {
  const tasks = await getTaskRuns(deps.table, await listTaskRunIds(deps.table, runId, TASKS_MAX))
  const children = await getRuns(
    deps.table,
    tasks.flatMap((task) => task.childIds),
  )
  let cancelled = 0
  for (const child of children) {
    if (isTerminal(child.state.type) || child.state.type === 'CANCELLING') continue
    // One without a deployment lives in the parent's process, and has gone with it.
    const type = child.deploymentId ? 'CANCELLING' : 'CANCELLED'
    if ((await setState(deps, child.id, { type, message })).wrote) cancelled += 1
  }
  for (const task of tasks) {
    if (isTerminal(task.state.type) || task.childIds.length > 0) continue
    if ((await setTaskState(deps, task.id, { type: 'CANCELLED', message }, true)).wrote) cancelled += 1
  }
  return cancelled
}
