import type { Deps } from '#shared/deps.ts'
import { recordHeartbeat } from '#shared/storage/work-pool/record-heartbeat.ts'
import { requirePool } from './require-queue.ts'

/** Records a worker's heartbeat; a worker exists from its first one. Raises not_found when the pool is missing. */
export async function recordWorkerHeartbeat(
  deps: Deps,
  poolName: string,
  beat: { name: string; intervalSeconds: number | null },
): Promise<void> {
  const pool = await requirePool(deps, poolName)
  await recordHeartbeat(deps.table, { poolId: pool.id, ...beat, now: deps.clock.now() })
}
