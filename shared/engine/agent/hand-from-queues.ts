import type { Hold } from '#shared/agent/agent.ts'
import type { Deps } from '#shared/deps.ts'
import { slotsToTake } from '#shared/engine/dispatch/slots-to-take.ts'
import { listFilteredRuns } from '#shared/engine/read/list-filtered-runs.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { addSeconds } from '#shared/instant.ts'
import { parseQueueFilter, type QueueFilter } from '#shared/work-queue/queue-filter.ts'
import { takeFitting } from './candidate-needs.ts'
import { claimForSession, type Handing, handToAgent } from './hand-to-agent.ts'
import type { ServedQueue } from './served-queues.ts'

/**
 * Claims runs for an agent from the queues that it serves, in their order. Those that select runs by tags, as in Prefect
 * before 2.1, find them wherever they wait; all others hold their own. Changes `handing`.
 */
export async function handFromQueues(
  deps: Deps,
  handing: Handing,
  served: readonly ServedQueue[],
  wholePool: boolean,
): Promise<void> {
  if (wholePool) return await handToAgent(deps, handing, undefined)
  for (const { queues, filter } of groupsOf(served)) {
    if (handing.left.slots <= 0 || handing.outdated) return
    if (filter) await handFiltered(deps, handing, queues[0]?.id ?? '', filter)
    else await handToAgent(deps, handing, queues)
  }
}

interface Group {
  queues: { id: string }[]
  filter: QueueFilter | undefined
}

/** Neighbours that hold their runs are looked through together. */
function groupsOf(served: readonly ServedQueue[]): Group[] {
  const groups: Group[] = []
  for (const { queue } of served) {
    const filter = parseQueueFilter(queue.filter)
    const last = groups.at(-1)
    if (!filter && last && !last.filter) last.queues.push({ id: queue.id })
    else groups.push({ queues: [{ id: queue.id }], filter })
  }
  return groups
}

/** Claims runs that a queue selects, one by one, as each holds slots of its own place. */
async function handFiltered(deps: Deps, handing: Handing, queueId: string, filter: QueueFilter): Promise<void> {
  const scheduledBefore = addSeconds(deps.clock.now(), handing.call.prefetchSeconds)
  const runs = await listFilteredRuns(deps, { queueId, filter, scheduledBefore, limit: handing.left.slots })
  for (const run of runs) {
    if (handing.outdated) return
    await claimFiltered(deps, handing, run)
  }
}

async function claimFiltered(deps: Deps, handing: Handing, run: FlowRun): Promise<void> {
  const { id: runId, deploymentId, poolId, life, generation, flowId } = run
  const needs = await handing.needs.of([{ runId, deploymentId }])
  const room = handing.left.copy()
  const { fitting } = takeFitting([{ runId, deploymentId }], needs, room)
  if (fitting.length === 0) return
  const at = deps.clock.now()
  const due = run.nextScheduledStartTime ?? run.expectedStartTime
  const { slots, ...still } = await slotsToTake(deps, run)
  const state = newState('PENDING', at, { details: { scheduledTime: due } })
  const hold: Hold = { runId, life, generation: generation + 1, flowId }
  const outcome = await claimForSession(deps, handing, [hold], at, {
    poolId,
    ...still,
    runs: [{ runId, life, generation, due, slots, state }],
  })
  if (outcome.kind === 'claimed') handing.left = room
}
