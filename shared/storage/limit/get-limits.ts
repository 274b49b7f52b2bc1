import type { Limit, LimitKey } from '#shared/limit/limit.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { limitItemKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Reads limits; those that don't exist are left out. Consistently, unless half the price is worth an older count. */
export async function getLimits(
  table: Table,
  keys: readonly LimitKey[],
  consistent = true,
): Promise<Map<LimitKey, Limit>> {
  const unique = [...new Set(keys)]
  const items = unique.length > 0 ? await batchGet(table, unique.map(limitItemKey), consistent) : []
  return new Map(items.map(decodeLimit).map((limit) => [limit.key, limit]))
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
    moves: item.moves as number,
    driftNoted: (item.driftNoted as Limit['driftNoted'] | undefined) ?? null,
  }
}
