import { globalLimitKey } from '../limit/global-limit.ts'
import { batchDelete } from './batch-delete.ts'
import { limitItemKey, type Table } from './table.ts'

/** Removes a global limit. Leases on it stay, and hold nothing from then on. */
export async function deleteGlobalLimit(table: Table, limitId: string): Promise<void> {
  await batchDelete(table, [limitItemKey(globalLimitKey(limitId))])
}
