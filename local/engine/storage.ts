import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { openFormat } from '#shared/storage/dynamo/open-format.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import type { StartList } from '../start-list.ts'
import { sendDirectly } from './send-directly.ts'
import { startEngine } from './start-engine.ts'
import { TableChanges } from './table-changes.ts'

const TABLE_NAME = 'pushpool'

export interface StorageOptions {
  dataDir: string
  /** Another DynamoDB-compatible engine, in place of the one that comes along. */
  dynamoDbEndpoint?: string | undefined
}

export interface Storage {
  table: Table
  changes: TableChanges
  /** Settles when the engine exits unexpectedly; nothing works then. */
  engineLost: Promise<void>
}

/** Starts the engine unless one is given, and opens its table. Throws DomainError for a table of another version. */
export async function openStorage(options: StorageOptions, started: StartList): Promise<Storage> {
  const { endpoint, engineLost } = await findEngine(options, started)
  const table = openTable({ tableName: TABLE_NAME, endpoint })
  started.add('table', () => table.client.destroy())
  const changes = new TableChanges(table)
  if (!options.dynamoDbEndpoint) {
    const direct = sendDirectly(table, endpoint)
    started.add('direct requests', () => direct.close())
    // Nothing is put between them later, so the way of a request through the SDK need not be worked out for each again.
    table.client.config.cacheMiddleware = true
  }
  await ensureTable(table)
  await openFormat(table, remedyOf(options))
  return { table, changes, engineLost }
}

function remedyOf({ dataDir, dynamoDbEndpoint }: StorageOptions): string {
  const another = dynamoDbEndpoint
    ? `delete the table at ${dynamoDbEndpoint}`
    : `start with another --data folder, remove ${dataDir}`
  return `${another}, or use the version that made it`
}

async function findEngine({ dataDir, dynamoDbEndpoint }: StorageOptions, started: StartList) {
  if (dynamoDbEndpoint) return { endpoint: dynamoDbEndpoint, engineLost: new Promise<void>(() => {}) }
  const engine = await startEngine(dataDir)
  let stopping = false
  started.add('engine', () => {
    stopping = true
    return engine.stop()
  })
  const engineLost = new Promise<void>((resolve) => {
    void engine.exited.then(() => (stopping ? undefined : resolve()))
  })
  return { endpoint: engine.endpoint, engineLost }
}
