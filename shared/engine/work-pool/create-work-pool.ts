import type { Deps } from '#shared/deps.ts'
import { assertJobVariables, DEFAULTS_FAILED } from '#shared/engine/job/assert-job-variables.ts'
import { assertLaunchable, assertTemplate } from '#shared/engine/job/assert-template.ts'
import { alreadyExists } from '#shared/errors.ts'
import { createPool } from '#shared/storage/work-pool/create-pool.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import {
  AGENT_POOL_NAME,
  AGENT_POOL_TYPE,
  DEFAULT_QUEUE_NAME,
  poolIdOf,
  type WorkPool,
} from '#shared/work-pool/work-pool.ts'
import { queueIdOf, type WorkQueue } from '#shared/work-queue/work-queue.ts'
import { assertUnreservedName } from './assert-unreserved-name.ts'

export interface NewWorkPool {
  name: string
  type: string
  description?: string | null | undefined
  baseJobTemplate?: Record<string, unknown> | undefined
  storageConfiguration?: Record<string, unknown> | undefined
  paused?: boolean | undefined
  concurrencyLimit?: number | null | undefined
  silentWorkerMinutes?: number | null | undefined
}

/**
 * Creates a pool with its default queue and the limits of both, all or nothing. Raises already_exists, reserved_name,
 * and invalid or too_large for a job template that can't be used.
 */
export async function createWorkPool(deps: Deps, input: NewWorkPool): Promise<WorkPool> {
  assertUnreservedName(input.name)
  assertTemplate(input.baseJobTemplate ?? {})
  assertLaunchable(input.type, input.baseJobTemplate ?? {})
  await assertJobVariables(deps, DEFAULTS_FAILED, input.baseJobTemplate ?? {})
  const { pool, queue } = newPool(deps, input)
  const limit = { limit: input.concurrencyLimit ?? null, paused: input.paused ?? false }
  if (!(await createPool(deps.table, pool, limit, queue))) throw alreadyExists('Work pool', input.name)
  deps.log.info('work pool created', { poolId: pool.id, pool: pool.name, type: pool.type })
  return pool
}

/** The pool of queues and deployments that name none; Prefect's agents serve it. Created when first needed. */
export async function ensureAgentPool(deps: Deps): Promise<WorkPool> {
  const existing = await getPool(deps.table, poolIdOf(AGENT_POOL_NAME))
  if (existing) return existing
  const description = 'A work pool for Prefect agents'
  const { pool, queue } = newPool(deps, { name: AGENT_POOL_NAME, type: AGENT_POOL_TYPE, description })
  const created = await createPool(deps.table, pool, { limit: null, paused: false }, queue)
  // Another request may have created it concurrently, with the same name and so the same ids.
  return created ? pool : ((await getPool(deps.table, pool.id)) ?? pool)
}

function newPool(deps: Deps, input: NewWorkPool): { pool: WorkPool; queue: WorkQueue } {
  const now = deps.clock.now()
  const id = poolIdOf(input.name)
  const queueId = queueIdOf(id, DEFAULT_QUEUE_NAME)
  const pool: WorkPool = {
    id,
    life: deps.ids.life(),
    name: input.name,
    description: input.description ?? null,
    type: input.type,
    baseJobTemplate: input.baseJobTemplate ?? {},
    storageConfiguration: input.storageConfiguration ?? {},
    defaultQueueId: queueId,
    silentWorkerMinutes: input.silentWorkerMinutes ?? null,
    queuesRevision: 0,
    created: now,
    updated: now,
  }
  const queue: WorkQueue = {
    id: queueId,
    life: deps.ids.life(),
    poolId: id,
    poolName: input.name,
    name: DEFAULT_QUEUE_NAME,
    description: "The work pool's default queue.",
    priority: 1,
    filter: null,
    lastPolled: null,
    created: now,
    updated: now,
  }
  return { pool, queue }
}
