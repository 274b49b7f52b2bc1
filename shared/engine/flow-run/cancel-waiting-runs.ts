import { DELETE_CANCELS_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { DomainError } from '#shared/errors.ts'
import { blockedPhase, LATER_LINE, readyPhase, readySort } from '#shared/flow-run/phase.ts'
import { NEVER } from '#shared/instant.ts'
import { listPhase, type PhaseEntryRow, type PhaseRange } from '#shared/storage/flow-run/list-phase.ts'
import { setState } from './set-state.ts'

const PAGE_RUNS = 100
/** Transitions under way at a time; each is a read and a write. */
const WIDTH = 20

/**
 * Ends the runs that wait in a pool, or in one of its queues, as CANCELLED with a message that says why. At most
 * DELETE_CANCELS_MAX a call, so that it fits a request: returns how many, and whether those were all.
 */
export async function cancelWaitingRuns(
  deps: Deps,
  where: { poolId: string; queueId?: string },
  message: string,
): Promise<{ cancelled: number; complete: boolean }> {
  let cancelled = 0
  for await (const rows of waitingRuns(deps, where)) {
    for (let at = 0; at < rows.length; at += WIDTH) {
      const results = await Promise.all(rows.slice(at, at + WIDTH).map(({ runId }) => cancelRun(deps, runId, message)))
      cancelled += results.filter(Boolean).length
    }
    if (cancelled >= DELETE_CANCELS_MAX) return { cancelled, complete: false }
  }
  return { cancelled, complete: true }
}

/** Page by page: those in line, and those that wait for the limit of their deployment. */
async function* waitingRuns(
  deps: Deps,
  { poolId, queueId }: { poolId: string; queueId?: string },
): AsyncGenerator<PhaseEntryRow[]> {
  const line = (id: string) => ({ from: readySort(id, 0), to: readySort(id, NEVER) })
  const ready = queueId ? [line(queueId), line(LATER_LINE)] : [{}]
  const ranges = [...ready.map((range) => ({ phase: readyPhase(poolId), ...range })), { phase: blockedPhase(poolId) }]
  for (const range of ranges) {
    for await (const rows of pages(deps, { ...range, limit: PAGE_RUNS })) {
      yield rows.filter((row) => queueId === undefined || row.queueId === queueId)
    }
  }
}

async function* pages(deps: Deps, range: PhaseRange): AsyncGenerator<PhaseEntryRow[]> {
  let after: PhaseRange['after']
  do {
    const page = await listPhase(deps.table, { ...range, after })
    yield page.rows
    after = page.after
  } while (after)
}

/** False when the run no longer waits: the index lags, or another writer ended or deleted it. */
async function cancelRun(deps: Deps, runId: string, message: string): Promise<boolean> {
  try {
    // CANCELLING ends a run that waits at once; one that was claimed just now keeps its slots until its work has stopped.
    return (await setState(deps, runId, { type: 'CANCELLING', message })).wrote
  } catch (error) {
    if (error instanceof DomainError && error.code === 'not_found') return false
    throw error
  }
}
