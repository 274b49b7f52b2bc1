import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { poolLinesKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'

/** Forgets the lines of a deleted pool, unless it has been created again. */
export async function forgetPoolLines(table: Table, { id, life }: PoolLines): Promise<void> {
  const deleted = express({ condition: '#life = :life AND attribute_exists(#deletedAt)', values: { life } })
  try {
    await table.client.send(new DeleteItemCommand({ ...keyOf(table, poolLinesKey(id)), ...deleted }))
  } catch (error) {
    if (!isConditionFailure(error)) throw error
  }
}
