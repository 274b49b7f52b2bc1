import type { ScheduledEvent, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import * as z from 'zod/mini'
import type { Deps } from '#shared/deps.ts'
import { StopOrder } from '#shared/ecs-task/stop-order.ts'
import { continueCount } from '#shared/engine/deployment/continue-count.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { openWaitingLimits } from '#shared/engine/dispatch/open-waiting-limits.ts'
import { errorFields } from '#shared/errors.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { listWaitingPools } from '#shared/storage/limit/waiting-pools.ts'
import { listPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'

/** The limits of deployments alone are waited for. */
const DeploymentLimit = z.custom<LimitKey>((key) => typeof key === 'string' && key.startsWith('deployment#'))
/** A wake-up names its pool, and maybe limits; whatever else is in it is for people who read the queue. */
const WakeUpBody = z.object({ poolId: z.string(), limits: z.optional(z.array(DeploymentLimit)) })
/** Goes to this function whatever the pools of the deployment are, even none. */
const CountBody = z.object({ count: DeploymentLimit })
const Message = z.union([StopOrder, CountBody, WakeUpBody])

/** Seconds of one invocation in which pools are dispatched; the function's timeout leaves room beyond it. */
const DISPATCH_SECONDS = 40

/**
 * Dispatches push pools: those that the wake-ups of an SQS batch name, or all of them on the schedule's tick. Wake-ups
 * of one pool are one hint. Before that it stops the tasks that functions without ECS permissions want stopped, and goes
 * on with limits that count their holders. An unreadable message is logged, counted and dropped; one whose pool, stop or
 * limit failed is redelivered.
 */
export function createDispatcher(deps: Deps) {
  return async (event: SQSEvent | ScheduledEvent): Promise<SQSBatchResponse> => {
    const deadline = addSeconds(deps.clock.now(), DISPATCH_SECONDS)
    if (!('Records' in event)) {
      await dispatchPools(deps, await poolsOfTick(deps), deadline)
      return { batchItemFailures: [] }
    }
    const messages = event.Records.flatMap((record) => parseMessage(deps, record))
    const failed = new Set<string>()
    for (const { id, message } of messages) {
      if ('stop' in message && !(await stopEcsTask(deps, message))) failed.add(id)
      if ('count' in message && !(await countUnder(deps, message.count))) failed.add(id)
    }
    const woken = Map.groupBy(
      messages.flatMap(({ message }) => ('poolId' in message ? message : [])),
      ({ poolId }) => poolId,
    )
    const pools = [...woken].map(([pool, hints]) => ({ pool, limits: hints.flatMap(({ limits = [] }) => limits) }))
    const failedPools = await dispatchPools(deps, pools, deadline)
    for (const { id, message } of messages) if ('poolId' in message && failedPools.has(message.poolId)) failed.add(id)
    return { batchItemFailures: [...failed].map((id) => ({ itemIdentifier: id })) }
  }
}

/** A pool to dispatch, and limits that may have room for runs that wait there. */
interface WokenPool {
  pool: string | PoolLines
  limits: readonly LimitKey[]
  tick?: boolean
}

/** Dispatches each of these pools, of some of which only the ids are known; returns the ids of those that failed. */
async function dispatchPools(deps: Deps, pools: readonly WokenPool[], deadline: Instant): Promise<Set<string>> {
  const failed = new Set<string>()
  for (const { pool, limits, ...options } of pools) {
    const poolId = typeof pool === 'string' ? pool : pool.id
    try {
      const { waits, ...counts } = await dispatchPool(deps, pool, deadline, {
        ...options,
        limits: [...new Set(limits)],
      })
      deps.log.info('pool dispatched', { poolId, ...counts, waiting: waits.length })
    } catch (error) {
      failed.add(poolId)
      deps.log.error('pool not dispatched', { poolId, ...errorFields(error) })
      deps.metrics.count('DispatchesFailed', 1)
    }
  }
  return failed
}

/** Every push pool, with the limits that have room for runs that wait there: what announced it may have been lost. */
async function poolsOfTick(deps: Deps): Promise<WokenPool[]> {
  // A pool created just now may be missing: its runs bring wake-ups of their own.
  const [lines, waiting] = await Promise.all([listPoolLines(deps.table, false), listWaitingPools(deps.table)])
  const pools = lines.filter((pool) => pool.push)
  const places = new Map(waiting.map((place) => [place.poolId, place]))
  return await Promise.all(
    pools.map(async (pool) => {
      const place = places.get(pool.id)
      return { pool, tick: true, limits: place ? await openLimitsOf(deps, place) : [] }
    }),
  )
}

/** A pool whose waiting runs can't be looked through is dispatched all the same. */
async function openLimitsOf(deps: Deps, place: Parameters<typeof openWaitingLimits>[1]): Promise<LimitKey[]> {
  try {
    return await openWaitingLimits(deps, place)
  } catch (error) {
    deps.log.warn('waiting runs not looked through', { poolId: place.poolId, ...errorFields(error) })
    return []
  }
}

async function stopEcsTask(deps: Deps, { stop: { taskArn, reason } }: StopOrder): Promise<boolean> {
  try {
    await deps.tasks.stop(taskArn, reason)
    return true
  } catch (error) {
    deps.log.warn('task not stopped', { taskArn, reason: String(error) })
    deps.metrics.count('StopsFailed', 1)
    return false
  }
}

async function countUnder(deps: Deps, limit: LimitKey): Promise<boolean> {
  try {
    await continueCount(deps, limit)
    return true
  } catch (error) {
    deps.log.warn('limit not counted', { limit, ...errorFields(error) })
    return false
  }
}

function parseMessage(deps: Deps, { messageId, body }: SQSRecord) {
  try {
    return [{ id: messageId, message: z.parse(Message, JSON.parse(body)) }]
  } catch {
    deps.log.warn('unreadable wake-up dropped', { chars: body.length })
    deps.metrics.count('MessagesDropped', 1)
    return []
  }
}
