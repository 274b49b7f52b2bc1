import type { BlockSchema } from '#shared/block/block-schema.ts'
import { encodeJsonItem, unchangedSince } from '#shared/storage/dynamo/json-item.ts'
import { blockSchemaKey, blockTypeKey, type Table } from '#shared/storage/dynamo/table.ts'
import { checkAction, putAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'

/** Writes a new block schema. `there`: one of that content and version exists. `type_gone`: its type does not. */
export async function putBlockSchema(table: Table, schema: BlockSchema): Promise<'stored' | 'there' | 'type_gone'> {
  try {
    await transact(table, [
      putAction(table, encodeJsonItem(blockSchemaKey(schema.id), schema), unchangedSince(undefined)),
      checkAction(table, blockTypeKey(schema.typeId), { condition: 'attribute_exists(#pk)' }),
    ])
    return 'stored'
  } catch (error) {
    if (!(error instanceof TransactionRefused)) throw error
    if (error.failedAt(1)) return 'type_gone'
    if (error.failedAt(0)) return 'there'
    throw error
  }
}
