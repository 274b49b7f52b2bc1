import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Deletion } from '#shared/deletion/deletion.ts'
import { deletionKey, type Table } from '#shared/storage/dynamo/table.ts'
import { deleteAction, putAction } from '#shared/storage/dynamo/transact.ts'

/** Writes a deletion down, together with its first step. */
export function beginAction(table: Table, deletion: Deletion): TransactWriteItem {
  return putAction(table, encodeDeletion(deletion))
}

/** Forgets a deletion, together with its last step. */
export function finishAction(
  table: Table,
  { kind, id, life }: Pick<Deletion, 'kind' | 'id' | 'life'>,
): TransactWriteItem {
  return deleteAction(table, deletionKey(kind, { id, life }))
}

/** The item of a deletion. */
export function encodeDeletion({ kind, id, life, poolId, name, due, from }: Deletion) {
  return { ...deletionKey(kind, { id, life }), kind, id, life, poolId, name, due, from }
}
