import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { asRunId } from '#shared/flow-run/ids.ts'
import { addSeconds } from '#shared/instant.ts'
import { deploymentLimit, queueLimit } from '#shared/limit/limit.ts'
import { encodeDeployment } from '#shared/storage/deployment/deployment-codec.ts'
import { encodeRun } from '#shared/storage/flow-run/run-codec.ts'
import { encodeDetails } from '#shared/storage/flow-run/run-details.ts'
import { newLimitItem } from '#shared/storage/limit/change-limit.ts'
import { encodeQueue } from '#shared/storage/work-queue/queue-codec.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { queueIdOf, type WorkQueue } from '#shared/work-queue/work-queue.ts'
import { bulkPut } from './bulk-put.ts'
import type { OpenEngine } from './open-engine.ts'

const DUE_SINCE_SECONDS = 3600

interface RunsToFill {
  count: number
  queueIds: readonly string[]
  /** What the n-th copy, n from 0, has of its own. */
  change?: (at: number) => Partial<FlowRun>
}

/**
 * Puts waiting runs of a deployment into queues in turn: copies of one that was created as every run is, by the real
 * codec, all of them due unless they are changed. Far cheaper than creating each.
 */
export async function fillRuns(
  { deps, endpoint }: OpenEngine,
  deployment: Deployment,
  runs: RunsToFill,
): Promise<void> {
  const { run } = await createFlowRun(deps, { flowId: deployment.flowId, deploymentId: deployment.id })
  await bulkPut(endpoint, deps.table.name, copies(deps, run, runs))
  await setState(deps, run.id, { type: 'CANCELLED' })
}

function* copies(deps: Deps, run: FlowRun, { count, queueIds, change }: RunsToFill): Generator<object> {
  const first = addSeconds(deps.clock.now(), -DUE_SINCE_SECONDS)
  for (let at = 0; at < count; at += 1) {
    const due = first + at
    const copy: FlowRun = {
      ...run,
      id: asRunId(deps.ids.uuid()),
      life: deps.ids.life(),
      queueId: queueIds[at % queueIds.length] ?? null,
      expectedStartTime: due,
      nextScheduledStartTime: due,
      ...change?.(at),
    }
    yield { ...encodeRun(copy), details: encodeDetails(copy.details) }
  }
}

/** Puts queues with their limits into a pool, the first of them paused; answers their ids, by priority. */
export async function fillQueues(
  { deps, endpoint }: OpenEngine,
  pool: WorkPool,
  count: number,
  pausedCount = 0,
): Promise<string[]> {
  const now = deps.clock.now()
  const queues = Array.from({ length: count }, (_, at): WorkQueue => {
    const name = `queue-${at}`
    return {
      id: queueIdOf(pool.id, name),
      life: deps.ids.life(),
      poolId: pool.id,
      poolName: pool.name,
      name,
      description: '',
      // The pool's default queue and the stage's own come first.
      priority: at + 3,
      filter: null,
      lastPolled: null,
      created: now,
      updated: now,
    }
  })
  const limits = queues.map(({ id, life }, at) =>
    newLimitItem(queueLimit(id), { limit: null, paused: at < pausedCount, poolId: pool.id, life }),
  )
  await bulkPut(endpoint, deps.table.name, [...queues.map(encodeQueue), ...limits])
  return queues.map(({ id }) => id)
}

/** Puts copies of a deployment with a limit of 1 each, all of them held but for the last; answers their ids. */
export async function fillLimits(
  { deps, endpoint }: OpenEngine,
  deployment: Deployment,
  { count, free }: { count: number; free: number },
): Promise<string[]> {
  const limited = Array.from({ length: count }, (_, at): Deployment => {
    return { ...deployment, id: deps.ids.uuid(), name: `limited-${at}`, concurrencyLimit: 1 }
  })
  const limits = limited.map(({ id }, at) => {
    const item = newLimitItem(deploymentLimit(id), { limit: 1, paused: false })
    return at < count - free ? { ...item, active: 1, available: 0 } : item
  })
  const deployments = limited.map((each) => encodeDeployment({ deployment: each, revision: 1 }))
  await bulkPut(endpoint, deps.table.name, [...deployments, ...limits])
  return limited.map(({ id }) => id)
}
