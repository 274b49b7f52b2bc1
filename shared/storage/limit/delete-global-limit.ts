import { globalLimitKey } from '#shared/limit/global-limit.ts'
import { batchDelete } from '#shared/storage/dynamo/batch-delete.ts'
import { limitItemKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Removes a global limit. Leases on it stay, and hold nothing from then on. */
export async function deleteGlobalLimit(table: Table, limitId: string): Promise<void> {
  await batchDelete(table, [limitItemKey(globalLimitKey(limitId))])
}
