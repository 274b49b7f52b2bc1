import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { LogChunk } from '../log/log-chunk.ts'
import { toItem } from './expression.ts'
import { encodeChunk } from './log-codec.ts'
import type { Table } from './table.ts'

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
