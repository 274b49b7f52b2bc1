import type { Deletion } from '#shared/deletion/deletion.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { deletionKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Forgets a deletion that has been finished. */
export async function forgetDeletion(table: Table, { kind, id, life }: Deletion): Promise<void> {
  await deleteItem(table, deletionKey(kind, { id, life }))
}
