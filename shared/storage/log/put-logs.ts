import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { LogChunk } from '#shared/log/log-chunk.ts'
import { toItem } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { encodeChunk } from './log-codec.ts'

/** Writes under way at a time. */
const WIDTH = 8

/** Writes chunks of log lines; writing one again changes nothing. */
export async function putLogs(table: Table, chunks: readonly LogChunk[]): Promise<void> {
  const items = chunks.flatMap(encodeChunk)
  for (let at = 0; at < items.length; at += WIDTH) {
    const batch = items.slice(at, at + WIDTH)
    await Promise.all(
      batch.map((item) => table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item) }))),
    )
  }
}
