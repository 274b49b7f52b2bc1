import { SCAN_RUNS_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { lateBefore } from '#shared/flow-run/late.ts'
import { listReady } from '#shared/storage/flow-run/list-phase.ts'

const PAGE_RUNS = 1_000

/** How many runs of a queue are late; counting stops at SCAN_RUNS_MAX. */
export async function countLateRuns(deps: Deps, queue: { id: string; poolId: string }): Promise<number> {
  const dueBefore = lateBefore(deps.clock.now())
  let count = 0
  let after: Parameters<typeof listReady>[1]['after']
  do {
    const page = await listReady(deps.table, {
      poolId: queue.poolId,
      line: queue.id,
      dueBefore,
      limit: PAGE_RUNS,
      after,
    })
    count += page.rows.length
    after = page.after
  } while (after && count < SCAN_RUNS_MAX)
  return count
}
