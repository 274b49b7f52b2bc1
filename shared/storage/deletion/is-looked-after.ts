import type { Deletion } from '#shared/deletion/deletion.ts'
import { queryPage } from '#shared/storage/dynamo/query.ts'
import { deletionKey, type Table } from '#shared/storage/dynamo/table.ts'

/** Whether a deletion of the thing, in any of its lives, is not over yet, or what belonged to it may not all be listed. */
export async function isLookedAfter(table: Table, kind: Deletion['kind'], id: string): Promise<boolean> {
  const { pk, sk: prefix } = deletionKey(kind, { id, life: '' })
  const request = { keyCondition: '#pk = :pk AND begins_with(#sk, :prefix)', values: { pk, prefix }, limit: 1 }
  return (await queryPage(table, request)).items.length > 0
}
