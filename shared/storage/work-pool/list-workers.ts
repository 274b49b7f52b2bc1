import { queryAll } from '#shared/storage/dynamo/query.ts'
import { type Table, workerKey } from '#shared/storage/dynamo/table.ts'
import { type Worker, workerIdOf } from '#shared/worker/worker.ts'

/** Reads every worker of a pool, latest heartbeat first. */
export async function listWorkers(table: Table, poolId: string): Promise<Worker[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: workerKey(poolId, '').pk } })
  return items.map((item) => decodeWorker(poolId, item)).toSorted((a, b) => b.lastHeartbeat - a.lastHeartbeat)
}

function decodeWorker(poolId: string, item: Record<string, unknown>): Worker {
  const name = item.sk as string
  return {
    id: workerIdOf(poolId, name),
    poolId,
    name,
    lastHeartbeat: item.lastHeartbeat as number,
    heartbeatIntervalSeconds: item.intervalSeconds as number | null,
    created: item.created as number,
  }
}
