import { AGENT_BEAT_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { listAgents } from '#shared/storage/agent/list-agents.ts'
import { listWorkers } from '#shared/storage/work-pool/list-workers.ts'
import { type Worker, workerIdOf } from '#shared/worker/worker.ts'

/** Who works in a pool, latest heartbeat first: Prefect's workers, and pushpool's agents that have a session. */
export async function listPoolWorkers(deps: Deps, poolId: string): Promise<Worker[]> {
  const [workers, agents] = await Promise.all([listWorkers(deps.table, poolId), listAgents(deps.table, false)])
  const here = agents.filter((agent) => agent.poolId === poolId && agent.session !== null)
  const asWorkers = here.map(({ name, seen, created }): Worker => {
    const id = workerIdOf(poolId, name)
    return { id, poolId, name, lastHeartbeat: seen, heartbeatIntervalSeconds: AGENT_BEAT_SECONDS, created }
  })
  return [...workers, ...asWorkers].toSorted((a, b) => b.lastHeartbeat - a.lastHeartbeat)
}
