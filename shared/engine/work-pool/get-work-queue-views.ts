import { type Agent, agentStatus, servesQueue } from '#shared/agent/agent.ts'
import type { Deps } from '#shared/deps.ts'
import { type Limit, queueLimit } from '#shared/limit/limit.ts'
import { listAgents } from '#shared/storage/agent/list-agents.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { isPushPool } from '#shared/work-pool/work-pool.ts'
import { polledRecently, type QueueStatus, queueStatus, type WorkQueue } from '#shared/work-queue/work-queue.ts'

/** A queue with what is kept apart from it (its limit) and what is computed on read (its status). */
export interface WorkQueueView {
  queue: WorkQueue
  limit: Limit | undefined
  status: QueueStatus
  /** Whether something seems to poll it. */
  polled: boolean
}

/** Describes queues of any pools, in the order given. */
export async function getWorkQueueViews(deps: Deps, queues: readonly WorkQueue[]): Promise<WorkQueueView[]> {
  const poolIds = [...new Set(queues.map((queue) => queue.poolId))]
  const [limits, pools, agents] = await Promise.all([
    getLimits(
      deps.table,
      queues.map((queue) => queueLimit(queue.id)),
    ),
    Promise.all(poolIds.map((poolId) => getPool(deps.table, poolId))),
    listAgents(deps.table, false),
  ])
  const pushed = new Set(pools.flatMap((pool) => (pool && isPushPool(pool.type) ? [pool.id] : [])))
  const now = deps.clock.now()
  return queues.map((each) => {
    const serving = agents.filter((agent) => agent.poolId === each.poolId && servesQueue(agent, each.name))
    const queue = { ...each, lastPolled: lastPolledOf(each, serving) }
    const limit = limits.get(queueLimit(queue.id))
    const polled = polledRecently(each.lastPolled, now) || serving.some((agent) => agentStatus(agent, now) === 'ONLINE')
    const status = queueStatus({ paused: limit?.paused ?? false, push: pushed.has(queue.poolId), polled })
    return { queue, limit, status, polled }
  })
}

/** Calls of agents are not written down at each queue, but at the agent. */
function lastPolledOf({ lastPolled }: WorkQueue, serving: readonly Agent[]): WorkQueue['lastPolled'] {
  return serving.reduce((last, { seen }) => Math.max(last ?? 0, seen), lastPolled)
}
