import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
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
  return { client, name: tableName }
}
