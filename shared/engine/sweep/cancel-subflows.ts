import type { Deps } from '#shared/deps.ts'
import { eachCaught } from '#shared/engine/dispatch/each-caught.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { setTaskRunState } from '#shared/engine/task-run/set-task-run-state.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { endedPhase } from '#shared/flow-run/phase.ts'
import type { RunRef } from '#shared/flow-run/run-ref.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds, dayOf, type Instant, NEVER, sortable } from '#shared/instant.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { getRunCores } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listPhase, type PhaseEntryRow, type PhaseRange } from '#shared/storage/flow-run/list-phase.ts'
import { getTaskRuns } from '#shared/storage/task-run/get-task-run.ts'
import { listTaskRunIds } from '#shared/storage/task-run/list-task-run-ids.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'

/** How far back cancelled runs are visited again: an index may lag, and a process may start one more task run. */
const CANCELLED_SECONDS = 15 * 60
/** How far back a process looks that knows of no sweep before: for as long nothing may have swept. */
const UNSWEPT_SECONDS = 24 * 3_600
const PAGE_ROWS = 5_000
const BATCH_RUNS = 100
const RUNS_AT_ONCE = 20
/** Task runs of one flow run that are looked at, and how many of these are held at once. */
const TASKS_MAX = 10_000
const PAGE_TASKS = 100
const WRITES_AT_ONCE = 5

const message = 'The parent flow run was cancelled.'

/** How far the sweeps of this process have got among the cancelled runs. */
const visitedTo = new WeakMap<Table, string>()

/**
 * Cancels what recently cancelled flow runs have started and left behind (Prefect's cancellation_cleanup): subflow
 * runs, and task runs with the slots that they hold. Those that no sweep has visited come first, however many there
 * are; then, as far as time allows, the recent ones again. Returns how many were cancelled.
 */
export async function cancelSubflows(deps: Deps, deadline: Instant = NEVER): Promise<number> {
  const visited = visitedTo.get(deps.table) ?? ''
  const rows = await listCancelled(deps, visited)
  const [unvisited, others] = [rows.filter((row) => row.sort > visited), rows.filter((row) => row.sort <= visited)]
  const inOrder = [...unvisited, ...others]
  let cancelled = 0
  for (let at = 0; at < inOrder.length && deps.clock.now() < deadline; at += BATCH_RUNS) {
    const batch = inOrder.slice(at, at + BATCH_RUNS)
    cancelled += await visit(deps, batch, deadline)
    const last = batch.findLast((row) => row.sort > visited)
    if (last && deps.clock.now() < deadline) visitedTo.set(deps.table, last.sort)
  }
  return cancelled
}

/** The cancelled runs of the last minutes, and those that no sweep of this process has come to, in the order of their end. */
async function listCancelled(deps: Deps, visited: string): Promise<PhaseEntryRow[]> {
  const now = deps.clock.now()
  const recent = addSeconds(now, -CANCELLED_SECONDS)
  const since = visited === '' ? addSeconds(now, -UNSWEPT_SECONDS) : Math.min(recent, Number(visited))
  const rows: PhaseEntryRow[] = []
  for (let day = since; dayOf(day) <= dayOf(now); day = addSeconds(day, 86_400)) {
    let after: PhaseRange['after']
    do {
      const range = { phase: endedPhase('CANCELLED', dayOf(day)), from: sortable(since), limit: PAGE_ROWS, after }
      const page = await listPhase(deps.table, range)
      rows.push(...page.rows)
      after = page.after
    } while (after)
  }
  return rows
}

async function visit(deps: Deps, rows: readonly PhaseEntryRow[], deadline: Instant): Promise<number> {
  const runs = await getRunCores(
    deps.table,
    rows.map((row) => row.runId),
  )
  let cancelled = 0
  await eachCaught(
    deps,
    runs.filter(mayHaveTaskRuns),
    (run) => run.id,
    async (run) => {
      const within = await cancelWithin(deps, run, deadline)
      cancelled += within
      return true
    },
    { act: 'cancel what a run left', atOnce: RUNS_AT_ONCE, deadline },
  )
  return cancelled
}

/** Most cancelled runs were only waiting: nothing has begun in them. */
function mayHaveTaskRuns({ startTime }: Omit<FlowRun, 'details'>): boolean {
  return startTime !== null
}

async function cancelWithin(deps: Deps, run: RunRef, deadline: Instant): Promise<number> {
  const taskIds = await listTaskRunIds(deps.table, run, TASKS_MAX)
  let cancelled = 0
  for (let at = 0; at < taskIds.length && deps.clock.now() < deadline; at += PAGE_TASKS) {
    const tasks = await getTaskRuns(deps.table, taskIds.slice(at, at + PAGE_TASKS))
    cancelled += await cancelTasks(deps, tasks, deadline)
  }
  return cancelled
}

async function cancelTasks(deps: Deps, tasks: readonly TaskRun[], deadline: Instant): Promise<number> {
  const parentOf = new Map(tasks.flatMap((task) => task.childIds.map((childId) => [childId, task.id])))
  const children = (await getRuns(deps.table, [...parentOf.keys()])).filter(
    // A child that was deleted may have been created again by somebody else, under the same id.
    (child) => !isOver(child) && child.details.parentTaskRunId === parentOf.get(child.id),
  )
  const options = { act: 'cancel', atOnce: WRITES_AT_ONCE, deadline }
  const cancelChild = async ({ id, deploymentId }: FlowRun) => {
    // One without a deployment lives in the parent's process, and has gone with it.
    const type = deploymentId ? 'CANCELLING' : 'CANCELLED'
    return (await setState(deps, id, { type, message })).wrote
  }
  const cancelTask = async ({ id }: TaskRun) =>
    (await setTaskRunState(deps, id, { type: 'CANCELLED', message }, { force: true })).wrote
  const left = tasks.filter((task) => !isTerminal(task.state.type) && task.childIds.length === 0)
  const cancelled = await eachCaught(deps, children, (child) => child.id, cancelChild, options)
  return cancelled + (await eachCaught(deps, left, (task) => task.id, cancelTask, options))
}

function isOver({ state }: FlowRun): boolean {
  return isTerminal(state.type) || state.type === 'CANCELLING'
}
