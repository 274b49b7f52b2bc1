import type { ScheduledEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import * as z from 'zod/mini'
import type { Deps } from '../shared/deps.ts'
import { dispatchPool } from '../shared/engine/dispatch-pool.ts'
import { addSeconds } from '../shared/instant.ts'
import { listPools } from '../shared/storage/list-pools.ts'
import { isPushPool } from '../shared/work-pool/work-pool.ts'

/** A wake-up needs nothing but the pool; whatever else is in it is for people who read the queue. */
const WakeUpBody = z.object({ poolId: z.string() })

/** Seconds of one invocation in which pools are dispatched; the function's timeout leaves room beyond it. */
const DISPATCH_SECONDS = 40

/**
 * Dispatches push pools: those that the wake-ups of an SQS batch name, or all of them on the schedule's tick. Wake-ups
 * of one pool are one hint. A wake-up that can't be read is logged, counted and done with; one whose pool failed comes
 * again by itself.
 */
export function createDispatcher(deps: Deps) {
  return async (event: SQSEvent | ScheduledEvent): Promise<SQSBatchResponse> => {
    const deadline = addSeconds(deps.clock.now(), DISPATCH_SECONDS)
    const failed = new Set<string>()
    const dispatch = async (poolId: string) => {
      try {
        const { waits, ...counts } = await dispatchPool(deps, poolId, deadline)
        deps.log.info('pool dispatched', { poolId, ...counts, waiting: waits.length })
      } catch (error) {
        failed.add(poolId)
        deps.log.error('pool not dispatched', { poolId, reason: String(error) })
        deps.metrics.count('DispatchesFailed', 1)
      }
    }
    const records = 'Records' in event ? event.Records : undefined
    const wakeUps = (records ?? []).map((record) => ({ id: record.messageId, poolId: readWakeUp(deps, record.body) }))
    const pools = records ? wakeUps.flatMap(({ poolId }) => poolId ?? []) : await pushPoolIds(deps)
    for (const poolId of new Set(pools)) await dispatch(poolId)
    const again = wakeUps.filter(({ poolId }) => poolId && failed.has(poolId))
    return { batchItemFailures: again.map(({ id }) => ({ itemIdentifier: id })) }
  }
}

async function pushPoolIds(deps: Deps): Promise<string[]> {
  const pools = await listPools(deps.table)
  return pools.filter((pool) => isPushPool(pool.type)).map((pool) => pool.id)
}

function readWakeUp(deps: Deps, body: string): string | undefined {
  try {
    return z.parse(WakeUpBody, JSON.parse(body)).poolId
  } catch {
    deps.log.warn('unreadable wake-up dropped', { chars: body.length })
    deps.metrics.count('MessagesDropped', 1)
    return undefined
  }
}
