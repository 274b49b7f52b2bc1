import { type GlobalLimit, globalLimitKey } from '#shared/limit/global-limit.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { limitItemKey, type Table } from '#shared/storage/dynamo/table.ts'

/**
 * Removes a global limit, unless it is another one that was created under its name since. Leases on it stay, and hold
 * nothing from then on.
 */
export async function deleteGlobalLimit(
  table: Table,
  { id, created }: Pick<GlobalLimit, 'id' | 'created'>,
): Promise<void> {
  const same = { condition: '#created = :created', values: { created } }
  await deleteItem(table, limitItemKey(globalLimitKey(id)), same)
}
