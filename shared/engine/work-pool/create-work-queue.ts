import type { Deps } from '#shared/deps.ts'
import { forgetQueues } from '#shared/engine/dispatch/remembered-queues.ts'
import { forgetQueueName } from '#shared/engine/read/queue-names.ts'
import { alreadyExists, DomainError, invalidField } from '#shared/errors.ts'
import { createQueue, MOVES_MAX } from '#shared/storage/work-queue/create-queue.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { placePriority, queueIdOf, type WorkQueue } from '#shared/work-queue/work-queue.ts'
import { beingDeleted } from './being-deleted.ts'
import { requirePool } from './require-queue.ts'

export interface NewWorkQueue {
  name: string
  description?: string | null | undefined
  /** 1 is the highest; without it the queue gets the lowest free number. */
  priority?: number | undefined
  filter?: Record<string, unknown> | null | undefined
  paused?: boolean | undefined
  concurrencyLimit?: number | null | undefined
}

/** Writers that place queues in one pool at the same time decide again; more rounds than this mean a storm of them. */
const ROUNDS_MAX = 20

/**
 * Creates a queue in a pool, at its priority. Raises not_found, already_exists, being_deleted, invalid,
 * and unavailable when others keep placing queues.
 */
export async function createWorkQueue(deps: Deps, poolName: string, input: NewWorkQueue): Promise<WorkQueue> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const pool = await requirePool(deps, poolName)
    const others = await listQueues(deps.table, pool.id)
    if (others.some((other) => other.name === input.name)) throw alreadyExists('Work queue', input.name)
    const { priority, moved } = placePriority(others, input.priority)
    assertFewMoves(moved.length)
    const queue = newQueue(deps, pool, input, { priority, id: idFor(deps, others, pool.id, input.name) })
    const limit = { limit: input.concurrencyLimit ?? null, paused: input.paused ?? false }
    const outcome = await createQueue(deps.table, pool, queue, limit, moved)
    if (outcome === 'exists') throw alreadyExists('Work queue', input.name)
    if (outcome === 'deleting') throw beingDeleted('Work pool', poolName)
    if (outcome === 'outdated') continue
    forgetQueues(deps, pool.id)
    // The queue that had this id before may have had another name.
    forgetQueueName(deps, queue.id)
    deps.log.info('work queue created', { queueId: queue.id, queue: queue.name, pool: pool.name, priority })
    return queue
  }
  throw new DomainError('unavailable', `Queues of work pool '${poolName}' are being modified concurrently; retry.`)
}

/** Priorities move in the queue's own transaction, which holds a limited number of writes. */
export function assertFewMoves(count: number): void {
  if (count <= MOVES_MAX) return
  const msg = `would move ${count} other queues, and at most ${MOVES_MAX} can move at once; use a free priority`
  throw invalidField(['body', 'priority'], msg)
}

/** Derived from the name; one that was renamed keeps the id of its first name, and the next one of that name gets another. */
function idFor(deps: Deps, others: readonly WorkQueue[], poolId: string, name: string): string {
  const id = queueIdOf(poolId, name)
  return others.some((other) => other.id === id) ? queueIdOf(poolId, `${name}#${deps.ids.life()}`) : id
}

function newQueue(
  deps: Deps,
  pool: WorkPool,
  input: NewWorkQueue,
  { priority, id }: Pick<WorkQueue, 'priority' | 'id'>,
): WorkQueue {
  const now = deps.clock.now()
  return {
    id,
    life: deps.ids.life(),
    poolId: pool.id,
    poolName: pool.name,
    name: input.name,
    description: input.description ?? '',
    priority,
    filter: input.filter ?? null,
    lastPolled: null,
    created: now,
    updated: now,
  }
}
