import { DynamoDBClient, TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Table } from './table.ts'

export interface TableAddress {
  tableName: string
  /** Another engine than AWS's; the SDK also reads AWS_ENDPOINT_URL_DYNAMODB by itself. */
  endpoint?: string
}

/** Opens the table. Requests time out early enough to be tried again within one API Gateway request (30 s). */
export function openTable({ tableName, endpoint }: TableAddress): Table {
  const local = endpoint
    ? { endpoint, region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
    : {}
  const client = new DynamoDBClient({
    ...local,
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  })
  repeatOnConflict(client)
  return { client, name: tableName }
}

const CONFLICT_TRIES_MAX = 6
const CONFLICT_BACKOFF_MS = 20

/**
 * A single write that meets a transaction on its item is refused, nothing being written, and the SDK gives up at once.
 * Limits are written both ways all the time, so it is tried again here, after a wait with full jitter.
 */
function repeatOnConflict(client: DynamoDBClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      for (let tried = 1; ; tried += 1) {
        try {
          return await next(args)
        } catch (error) {
          if (!(error instanceof TransactionConflictException) || tried === CONFLICT_TRIES_MAX) throw error
          await sleep(Math.random() * CONFLICT_BACKOFF_MS * 2 ** tried)
        }
      }
    },
    { step: 'initialize', name: 'repeatOnConflict' },
  )
}
