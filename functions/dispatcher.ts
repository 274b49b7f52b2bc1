import type { ScheduledEvent, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import * as z from 'zod/mini'
import type { Deps } from '../shared/deps.ts'
import { dispatchPool } from '../shared/engine/dispatch-pool.ts'
import { addSeconds, type Instant } from '../shared/instant.ts'
import { listPools } from '../shared/storage/list-pools.ts'
import { StopOrder } from '../shared/task/stop-order.ts'
import { isPushPool } from '../shared/work-pool/work-pool.ts'

/** A wake-up needs nothing but the pool; whatever else is in it is for people who read the queue. */
const WakeUpBody = z.object({ poolId: z.string() })
const Message = z.union([StopOrder, WakeUpBody])

/** Seconds of one invocation in which pools are dispatched; the function's timeout leaves room beyond it. */
const DISPATCH_SECONDS = 40

/**
 * Dispatches push pools: those that the wake-ups of an SQS batch name, or all of them on the schedule's tick. Wake-ups
 * of one pool are one hint. Before that it stops the tasks that functions without a right to ECS want stopped. A message
 * that can't be read is logged, counted and done with; one whose pool or stop failed comes again by itself.
 */
export function createDispatcher(deps: Deps) {
  return async (event: SQSEvent | ScheduledEvent): Promise<SQSBatchResponse> => {
    const deadline = addSeconds(deps.clock.now(), DISPATCH_SECONDS)
    if (!('Records' in event)) {
      await dispatchPools(deps, await pushPoolIds(deps), deadline)
      return { batchItemFailures: [] }
    }
    const messages = event.Records.flatMap((record) => readMessage(deps, record))
    const failed = new Set<string>()
    for (const { id, message } of messages) {
      if ('stop' in message && !(await stopTask(deps, message))) failed.add(id)
    }
    const woken = messages.flatMap(({ message }) => ('poolId' in message ? message.poolId : []))
    const failedPools = await dispatchPools(deps, woken, deadline)
    for (const { id, message } of messages) if ('poolId' in message && failedPools.has(message.poolId)) failed.add(id)
    return { batchItemFailures: [...failed].map((id) => ({ itemIdentifier: id })) }
  }
}

/** Dispatches each pool once; answers those that failed. */
async function dispatchPools(deps: Deps, poolIds: readonly string[], deadline: Instant): Promise<Set<string>> {
  const failed = new Set<string>()
  for (const poolId of new Set(poolIds)) {
    try {
      const { waits, ...counts } = await dispatchPool(deps, poolId, deadline)
      deps.log.info('pool dispatched', { poolId, ...counts, waiting: waits.length })
    } catch (error) {
      failed.add(poolId)
      deps.log.error('pool not dispatched', { poolId, reason: String(error) })
      deps.metrics.count('DispatchesFailed', 1)
    }
  }
  return failed
}

async function pushPoolIds(deps: Deps): Promise<string[]> {
  const pools = await listPools(deps.table)
  return pools.filter((pool) => isPushPool(pool.type)).map((pool) => pool.id)
}

async function stopTask(deps: Deps, { stop: { taskArn, reason } }: StopOrder): Promise<boolean> {
  try {
    await deps.tasks.stop(taskArn, reason)
    return true
  } catch (error) {
    deps.log.warn('task not stopped', { taskArn, reason: String(error) })
    deps.metrics.count('StopsFailed', 1)
    return false
  }
}

function readMessage(deps: Deps, { messageId, body }: SQSRecord) {
  try {
    return [{ id: messageId, message: z.parse(Message, JSON.parse(body)) }]
  } catch {
    deps.log.warn('unreadable wake-up dropped', { chars: body.length })
    deps.metrics.count('MessagesDropped', 1)
    return []
  }
}
