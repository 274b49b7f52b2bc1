import type { Agent } from '#shared/agent/agent.ts'
import { type Limit, type LimitKey, queueLimit } from '#shared/limit/limit.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { agentKey, limitItemKey, poolKey, queueKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeLimits } from '#shared/storage/limit/get-limits.ts'
import { decodePool } from '#shared/storage/work-pool/pool-codec.ts'
import { decodeQueues } from '#shared/storage/work-queue/queue-codec.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { queueIdOf, type WorkQueue } from '#shared/work-queue/work-queue.ts'
import { decodeAgent } from './agent-codec.ts'

/** What was there a moment ago of all that a call of an agent begins with. */
export interface CallItems {
  pool: WorkPool | undefined
  /** Those that have the ids of their names, without their last polls. */
  queues: WorkQueue[]
  /** Of these queues. */
  limits: Map<LimitKey, Limit>
  agent: Agent | undefined
}

/** Reads it at once, and for half the price: what came or changed just now may be missing, or as it was. */
export async function getCallItems(
  table: Table,
  { poolId, queueNames, agentId }: { poolId: string; queueNames: readonly string[]; agentId: string },
): Promise<CallItems> {
  const queueIds = [...new Set(queueNames)].map((name) => queueIdOf(poolId, name))
  const keys = queueIds.flatMap((id) => [queueKey(poolId, id), limitItemKey(queueLimit(id))])
  const pool = poolKey(poolId)
  const agent = agentKey(agentId)
  const items = await batchGet(table, [pool, agent, ...keys], false)
  const limits = new Set(queueIds.map((id) => limitItemKey(queueLimit(id)).pk))
  const of = (pk: string) => items.filter((item) => item.pk === pk)
  return {
    pool: of(pool.pk).map(decodePool)[0],
    agent: of(agent.pk).map(decodeAgent)[0],
    queues: decodeQueues(of(queueKey(poolId, '').pk)),
    limits: decodeLimits(items.filter((item) => limits.has(String(item.pk)))),
  }
}
