import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient, type DynamoDBClientConfig, TransactionConflictException } from '@aws-sdk/client-dynamodb'
import type { Table } from './table.ts'

export interface TableAddress {
  tableName: string
  /** Another engine than AWS's; the SDK also reads AWS_ENDPOINT_URL_DYNAMODB by itself. */
  endpoint?: string | undefined
  /** Where AWS's engine is, if the environment does not say so. */
  region?: string | undefined
  /** For one try of a request, of which there are four; 5 seconds unless given. */
  timeoutMs?: number | undefined
}

const TIMEOUT_MS = 5_000

/** Opens the table. Requests time out early enough to be tried again within one API Gateway request (30 s). */
export function openTable({ tableName, endpoint, region, timeoutMs = TIMEOUT_MS }: TableAddress): Table {
  const local = endpoint
    ? { endpoint, region: 'local', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, signer: UNSIGNED }
    : region
      ? { region }
      : {}
  const client = new DynamoDBClient({
    ...local,
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  })
  // It copies every item, in and out, for an absent logger: a tenth of a request's CPU time.
  client.middlewareStack.remove('loggerMiddleware')
  repeatOnConflict(client)
  return { client, name: tableName }
}

/** Other engines than AWS's look at a signature's form alone, and making a real one is a third of a request's CPU time. */
const UNSIGNED: NonNullable<DynamoDBClientConfig['signer']> = {
  sign: (request) => {
    const scope = 'Credential=local/20260101/local/dynamodb/aws4_request'
    request.headers['x-amz-date'] = '20260101T000000Z'
    request.headers.authorization = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`
    return Promise.resolve(request)
  },
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
