import { AGENT_BEAT_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { listAgents } from '#shared/storage/agent/list-agents.ts'
import { listWorkers } from '#shared/storage/work-pool/list-workers.ts'
import { type Worker, workerIdOf } from '#shared/worker/worker.ts'

/** Who works in pools, latest heartbeat first: Prefect's workers, and pushpool's agents that have a session. */
export async function listPoolWorkers(deps: Deps, poolIds: readonly string[]): Promise<Worker[]> {
  if (poolIds.length === 0) return []
  const [workers, agents] = await Promise.all([
    Promise.all(poolIds.map((poolId) => listWorkers(deps.table, poolId))),
    listAgents(deps.table, false),
  ])
  const here = agents.filter(({ poolId, session }) => session !== null && poolIds.includes(poolId))
  const asWorkers = here.map(({ poolId, name, seen, created }): Worker => {
    const id = workerIdOf(poolId, name)
    return { id, poolId, name, lastHeartbeat: seen, heartbeatIntervalSeconds: AGENT_BEAT_SECONDS, created }
  })
  return [...workers.flat(), ...asWorkers].toSorted((a, b) => b.lastHeartbeat - a.lastHeartbeat)
}
