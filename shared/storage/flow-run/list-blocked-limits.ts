import { blockedPhase, parseBlockedSort } from '#shared/flow-run/phase.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { listPhase } from './list-phase.ts'

/** Rows of one read: several limits for which few runs wait, or the first of one for which many do. */
const ROWS = 500
/** Sorts after every key that is made of letters, digits, `#` and `-`. */
const LAST = '~'

/**
 * The limits for which runs of a pool wait, found by skipping from one to the next. `after`: where to go on; undefined
 * when these were the last.
 */
export async function listBlockedLimits(
  table: Table,
  poolId: string,
  { after, readsMax }: { after: string | undefined; readsMax: number },
): Promise<{ limits: LimitKey[]; after: string | undefined }> {
  const limits = new Set<LimitKey>()
  let from = after
  for (let reads = 0; reads < readsMax; reads += 1) {
    const page = await listPhase(table, { phase: blockedPhase(poolId), from, limit: ROWS })
    for (const { sort } of page.rows) limits.add(parseBlockedSort(sort).limit)
    const last = page.rows.at(-1)
    if (!page.after || !last) return { limits: [...limits], after: undefined }
    from = `${parseBlockedSort(last.sort).limit}#${LAST}`
  }
  return { limits: [...limits], after: from }
}
