import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import { type Table, uptimeKey } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'
import type { Uptime } from '#shared/work-pool/uptime.ts'

/** Writes the service's uptime where it is still what was read; false when another tick came first. */
export async function putUptime(table: Table, uptime: Uptime, before: Uptime | undefined): Promise<boolean> {
  const unchanged = before
    ? { condition: '#at = :at', values: { at: before.at } }
    : { condition: 'attribute_not_exists(#pk)' }
  const item = toItem({ ...uptimeKey, ...uptime })
  try {
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: item, ...express(unchanged) }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
