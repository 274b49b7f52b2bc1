import { DELETE_CANCELS_MAX } from '#shared/bounds.ts'
import type { Deletion } from '#shared/deletion/deletion.ts'
import type { Deps } from '#shared/deps.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import type { Check } from '#shared/storage/deletion/deletion-check.ts'
import { CHANGED_AT_ONCE_MAX, changeWaitingRuns } from '#shared/storage/flow-run/change-waiting-runs.ts'
import { listPhase, type PhaseEntryRow, type PhaseRange } from '#shared/storage/flow-run/list-phase.ts'
import { LAST_SORT, lineRanges, type Where } from './line-ranges.ts'

/** Rows read at a time: in a pool most of them are meant, of a deployment a few among those of others. */
const PAGE_ROWS = { pool: 100, deployment: 1_000 }
/** Rows of the index that one call looks at, most of which may be other runs: some seconds. */
const LOOKED_MAX = 200_000

/** Runs to cancel: those that wait there, as long as the check holds. */
export interface CancelOrder {
  where: Where
  message: string
  check: Check
  /** Where an earlier look stopped. */
  from?: Deletion['from']
}

/** How far a look came. `outdated`: the check failed, so nothing there is to be cancelled any more. */
export interface CancelResult {
  cancelled: number
  outcome: 'complete' | 'more' | 'outdated'
  /** Where to go on, with more to look at. */
  from?: Deletion['from']
}

/**
 * Ends the runs that wait in a place, by what they say themselves, as CANCELLED with a message that says why. Each is
 * written only while the order's check holds. At most DELETE_CANCELS_MAX a call, so that it fits a request.
 */
export async function cancelWaitingRuns(deps: Deps, order: CancelOrder): Promise<CancelResult> {
  let [cancelled, looked] = [0, 0]
  for await (const rows of waitingRows(deps, order)) {
    const runIds = rows.filter((row) => isMeant(row, order.where)).map((row) => row.runId)
    for (let at = 0; at < runIds.length; at += CHANGED_AT_ONCE_MAX) {
      const some = runIds.slice(at, at + CHANGED_AT_ONCE_MAX)
      const changed = await changeWaitingRuns(deps.table, some, (run) => cancelledRun(deps, run, order), order.check)
      if (changed === undefined) return { cancelled, outcome: 'outdated' }
      cancelled += changed
    }
    looked += rows.length
    const last = rows.at(-1)
    if (last && looked >= LOOKED_MAX)
      return { cancelled, outcome: 'more', from: { phase: last.phase, sort: last.sort } }
    if (cancelled >= DELETE_CANCELS_MAX) return { cancelled, outcome: 'more', from: order.from }
  }
  return { cancelled, outcome: 'complete' }
}

/** Page by page, from where an earlier look stopped. */
async function* waitingRows(
  deps: Deps,
  { where, from }: CancelOrder,
): AsyncGenerator<(PhaseEntryRow & { phase: string })[]> {
  const ranges = await lineRanges(deps, where)
  const limit = where.poolId === undefined ? PAGE_ROWS.deployment : PAGE_ROWS.pool
  const first = from ? ranges.findIndex(({ phase, to = LAST_SORT }) => phase === from.phase && to >= from.sort) : 0
  for (const [at, range] of ranges.slice(Math.max(0, first)).entries()) {
    let after: PhaseRange['after']
    do {
      const start = at === 0 && first >= 0 && from ? { from: from.sort } : {}
      const page = await listPhase(deps.table, { ...range, ...start, limit, after })
      yield page.rows.map((row) => ({ ...row, phase: range.phase }))
      after = page.after
    } while (after)
  }
}

/** The index may lag: what counts is what the run says when it is read. */
function cancelledRun(deps: Deps, run: FlowRun, { where, message }: CancelOrder) {
  if (where.poolId !== undefined && run.poolId !== where.poolId) return undefined
  return isMeant(run, where) ? advance(run, newState('CANCELLED', deps.clock.now(), { message })) : undefined
}

function isMeant(run: Pick<FlowRun, 'queueId' | 'deploymentId'>, { queueId, deploymentId }: Where): boolean {
  return (queueId ?? run.queueId) === run.queueId && (deploymentId ?? run.deploymentId) === run.deploymentId
}
