import { DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll } from 'vitest'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { type DynamoDbEngine, startDynoxide } from '../../../../local/engine/dynoxide.ts'
import { sendDirectly } from '../../../../local/engine/send-directly.ts'
import { TABLE_NAME } from './requests.ts'

/** The real engine for the tests of a file, and its table, which is made for each use. */
export function engineTable(): { use: <T>(act: (table: Table) => Promise<T>) => Promise<T> } {
  let engine: DynamoDbEngine
  let table: Table
  let direct: { close: () => void }
  beforeAll(async () => {
    engine = await startDynoxide()
    table = openTable({ tableName: TABLE_NAME, endpoint: engine.endpoint })
    direct = sendDirectly(table, engine.endpoint)
  })
  afterAll(async () => {
    direct.close()
    table.client.destroy()
    await engine.stop()
  })
  const use = async <T>(act: (table: Table) => Promise<T>): Promise<T> => {
    await ensureTable(table)
    try {
      return await act(table)
    } finally {
      await table.client.send(new DeleteTableCommand({ TableName: TABLE_NAME }))
    }
  }
  return { use }
}
