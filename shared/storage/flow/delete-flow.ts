import type { Flow } from '#shared/flow/flow.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { flowKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Removes a flow; false when there is none, or another one that was created under its name since. */
export async function deleteFlow(table: Table, { id, created }: Pick<Flow, 'id' | 'created'>): Promise<boolean> {
  return await deleteItem(table, flowKey(id), { condition: '#created = :created', values: { created } })
}
