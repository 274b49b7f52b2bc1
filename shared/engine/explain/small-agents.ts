import { agentStatus, servesQueue } from '#shared/agent/agent.ts'
import { RoomLeft } from '#shared/agent/fit.ts'
import type { Deps } from '#shared/deps.ts'
import { CandidateNeeds } from '#shared/engine/agent/candidate-needs.ts'
import { queueNamesOf } from '#shared/engine/read/queue-names.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { listAgents } from '#shared/storage/agent/list-agents.ts'
import { isPushPool, type WorkPool } from '#shared/work-pool/work-pool.ts'

/** Of runs that wait in a pool, those that need more than any agent has that serves their queue, by their ids. */
export async function runsTooLarge(
  deps: Deps,
  pool: WorkPool | undefined,
  runs: readonly FlowRun[],
): Promise<Set<string>> {
  if (!pool || isPushPool(pool.type)) return new Set()
  const now = deps.clock.now()
  const agents = (await listAgents(deps.table, false)).filter((agent) => {
    return agent.poolId === pool.id && !['OFFLINE', 'LOST'].includes(agentStatus(agent, now))
  })
  const counts = agents.some(({ capacity }) => capacity.cpu !== null || capacity.memory !== null)
  if (!counts) return new Set()
  const needs = await new CandidateNeeds(deps, pool.baseJobTemplate, true).of(
    runs.map(({ id: runId, deploymentId }) => ({ runId, deploymentId })),
  )
  const names = await queueNamesOf(deps, runs)
  const tooLarge = runs.filter((run) => {
    const queue = names.get(run.queueId ?? '')
    const serving = agents.filter((agent) => queue && servesQueue(agent, queue.name))
    const need = needs.get(run.id)
    const fits = serving.some(({ capacity }) => need && new RoomLeft(capacity, NO_LIMITS, []).take(need))
    return need !== undefined && serving.length > 0 && !fits
  })
  return new Set(tooLarge.map(({ id }) => id))
}

const NO_LIMITS = { byFlowId: new Map<string, number>() }
