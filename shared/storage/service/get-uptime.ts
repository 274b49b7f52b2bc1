import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { type Table, uptimeKey } from '#shared/storage/dynamo/table.ts'
import type { Uptime } from '#shared/work-pool/uptime.ts'

/**
 * Reads the service's uptime; undefined while no pool has ever asked for it. Consistently, unless half the price is worth
 * one that is a moment older.
 */
export async function getUptime(table: Table, consistent = true): Promise<Uptime | undefined> {
  const [item] = await batchGet(table, [uptimeKey], consistent)
  if (!item) return undefined
  const { since, at, pools } = item as unknown as Uptime
  return { since, at, pools }
}
