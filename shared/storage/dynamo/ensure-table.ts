import { CreateTableCommand, ResourceInUseException, waitUntilTableExists } from '@aws-sdk/client-dynamodb'
import { type Table, tableDefinition } from './table.ts'

const WAIT_SECONDS_MAX = 60

/** Creates the table where it does not exist yet. On AWS the stack does this; this is for other engines. */
export async function ensureTable(table: Table): Promise<void> {
  try {
    await table.client.send(new CreateTableCommand(structuredClone(tableDefinition(table.name))))
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error
  }
  const waiter = { client: table.client, maxWaitTime: WAIT_SECONDS_MAX, minDelay: 1, maxDelay: 2 }
  await waitUntilTableExists(waiter, { TableName: table.name })
}
