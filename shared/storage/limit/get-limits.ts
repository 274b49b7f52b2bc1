import type { Limit, LimitKey } from '#shared/limit/limit.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { keyOfRow, queryAll } from '#shared/storage/dynamo/query.ts'
import { limitItemKey, PHASE_INDEX, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeWaitingPool } from './waiting-pools.ts'

/** Reads limits; those that don't exist are left out. Consistently, unless half the price is worth an older count. */
export async function getLimits(
  table: Table,
  keys: readonly LimitKey[],
  consistent = true,
): Promise<Map<LimitKey, Limit>> {
  const unique = [...new Set(keys)]
  const items = await batchGet(table, unique.map(limitItemKey), consistent)
  return decodeLimits(items)
}

/** Limits by their keys, from their items. */
export function decodeLimits(items: readonly Record<string, unknown>[]): Map<LimitKey, Limit> {
  return new Map(items.map(decodeLimit).map((limit) => [limit.key, limit]))
}

/** Reads the limits of a phase (see LIMIT_PHASES); one that entered it a moment ago may be missing. */
export async function listLimits(table: Table, phase: string): Promise<Limit[]> {
  const rows = await queryAll(table, { index: PHASE_INDEX, keyCondition: '#phase = :phase', values: { phase } })
  const items = await batchGet(table, rows.map(keyOfRow))
  return items.map(decodeLimit)
}

function decodeLimit(item: Record<string, unknown>): Limit {
  return {
    key: String(item.pk).slice('limit#'.length) as LimitKey,
    limit: (item.limit as number | undefined) ?? null,
    active: item.active as number,
    available: item.available as number,
    paused: item.paused as boolean,
    deleting: item.deleting as boolean,
    epoch: item.epoch as number,
    countingSince: (item.countingSince as number | undefined) ?? null,
    lookedAt: (item.lookedAt as number | undefined) ?? null,
    cancelNew: item.cancelNew === true,
    moves: item.moves as number,
    driftNoted: (item.driftNoted as Limit['driftNoted'] | undefined) ?? null,
    waitsIn: [...((item.waitsIn as Set<string> | undefined) ?? [])].map(decodeWaitingPool),
  }
}
