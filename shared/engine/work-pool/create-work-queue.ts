import type { Deps } from '#shared/deps.ts'
import { alreadyExists, DomainError, invalidField } from '#shared/errors.ts'
import type { Instant } from '#shared/instant.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { createQueue, MOVES_MAX } from '#shared/storage/work-queue/create-queue.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { placePriority, queueIdOf, type WorkQueue } from '#shared/work-queue/work-queue.ts'
import { requirePool } from './require-queue.ts'

export interface NewWorkQueue {
  name: string
  description?: string | null
  /** 1 is the highest; without it the queue gets the lowest free number. */
  priority?: number
  filter?: Record<string, unknown> | null
  paused?: boolean
  concurrencyLimit?: number | null
}

/** Writers that place queues in one pool at the same time decide again; more rounds than this mean a storm of them. */
const ROUNDS_MAX = 20

/**
 * Creates a queue in a pool, at its priority. Raises not_found, already_exists, conflict while the pool is being deleted,
 * invalid, and unavailable when others keep placing queues.
 */
export async function createWorkQueue(deps: Deps, poolName: string, input: NewWorkQueue): Promise<WorkQueue> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const pool = await requirePool(deps, poolName)
    const others = await listQueues(deps.table, pool.id)
    if (others.some((other) => other.name === input.name)) throw alreadyExists('Work queue', input.name)
    const { priority, moved } = placePriority(others, input.priority)
    refuseManyMoves(moved.length)
    const queue = newQueue(pool, input, priority, deps.clock.now())
    const limit = { limit: input.concurrencyLimit ?? null, paused: input.paused ?? false }
    const outcome = await createQueue(deps.table, pool, queue, limit, moved)
    if (outcome === 'exists') throw alreadyExists('Work queue', input.name)
    if (outcome === 'deleting') throw beingDeleted('Work pool', poolName)
    if (outcome === 'outdated') continue
    deps.log.info('work queue created', { queueId: queue.id, queue: queue.name, pool: pool.name, priority })
    return queue
  }
  throw new DomainError('unavailable', `Queues of work pool '${poolName}' are being changed by others; try again.`)
}

/**
 * The pool's queue of that name, created if it is missing. Raises not_found when the pool does not exist, and conflict
 * while either is being deleted, so that nothing new is sent to where it would be cancelled.
 */
export async function ensureQueue(deps: Deps, poolName: string, queueName: string): Promise<WorkQueue> {
  const pool = await requirePool(deps, poolName)
  const queueId = queueIdOf(pool.id, queueName)
  const keys = [queueLimit(queueId), poolLimit(pool.id)] as const
  const [queue, limits] = await Promise.all([getQueue(deps.table, pool.id, queueId), getLimits(deps.table, keys)])
  if (limits.get(keys[0])?.deleting) throw beingDeleted('Work queue', queueName)
  if (limits.get(keys[1])?.deleting) throw beingDeleted('Work pool', poolName)
  if (queue) return queue
  try {
    return await createWorkQueue(deps, poolName, { name: queueName })
  } catch (error) {
    // Somebody else created it between the read and the write; then it is there, which is all that was asked.
    const created = error instanceof DomainError && error.code === 'already_exists'
    const existing = created ? await getQueue(deps.table, pool.id, queueId) : undefined
    if (!existing) throw error
    return existing
  }
}

function beingDeleted(noun: string, name: string): DomainError {
  return new DomainError('conflict', `${noun} '${name}' is being deleted.`)
}

/** Priorities move in the queue's own transaction, which holds a limited number of writes. */
export function refuseManyMoves(count: number): void {
  if (count <= MOVES_MAX) return
  const msg = `would move ${count} other queues, more than the ${MOVES_MAX} that can move at once; use a free number`
  throw invalidField(['body', 'priority'], msg)
}

function newQueue(pool: WorkPool, input: NewWorkQueue, priority: number, now: Instant): WorkQueue {
  return {
    id: queueIdOf(pool.id, input.name),
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
