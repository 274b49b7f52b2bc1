import type { LimitKey } from '#shared/limit/limit.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { limitItemKey, type Table } from '#shared/storage/dynamo/table.ts'

/** The life of the pool or queue that a limit belongs to, and how many runs it counts; undefined when there is none. */
export async function getLimitLife(table: Table, key: LimitKey): Promise<{ life: string; active: number } | undefined> {
  const item = await getItem(table, limitItemKey(key))
  return item && { life: String(item.life), active: Number(item.active) }
}
