import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Instant } from '#shared/instant.ts'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { type Table, workerKey } from '#shared/storage/dynamo/table.ts'
import { WORKER_KEPT_SECONDS } from '#shared/worker/worker.ts'

/** Records a worker's heartbeat, and adds it when it is new: one small write. */
export async function recordHeartbeat(
  table: Table,
  beat: { poolId: string; name: string; intervalSeconds: number | null; now: Instant },
): Promise<void> {
  const { poolId, name, intervalSeconds, now } = beat
  await table.client.send(
    new UpdateItemCommand({
      ...keyOf(table, workerKey(poolId, name)),
      ...express({
        update: `SET #lastHeartbeat = :now, #intervalSeconds = :interval, #expiresAt = :expiresAt,
          #created = if_not_exists(#created, :now)`,
        values: {
          now,
          interval: intervalSeconds,
          expiresAt: Math.floor(now / 1_000_000) + WORKER_KEPT_SECONDS,
        },
      }),
    }),
  )
}
