import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Deployment } from '../../shared/deployment/deployment.ts'
import type { Deps } from '../../shared/deps.ts'
import { createFlowRun } from '../../shared/engine/create-flow-run.ts'
import { createWorkPool } from '../../shared/engine/create-work-pool.ts'
import { createWorkQueue } from '../../shared/engine/create-work-queue.ts'
import type { FlowRun } from '../../shared/flow-run/flow-run.ts'
import { idFromName } from '../../shared/ids.ts'
import { addSeconds, type Instant, NEVER } from '../../shared/instant.ts'
import { deploymentLimit, type Limit, type LimitKey } from '../../shared/limit/limit.ts'
import { newLimitItem } from '../../shared/storage/change-limit.ts'
import { encodeDeployment } from '../../shared/storage/deployment-codec.ts'
import { toItem } from '../../shared/storage/expression.ts'
import { getLimits } from '../../shared/storage/get-limits.ts'
import { getRun } from '../../shared/storage/get-run.ts'
import { DEFAULT_QUEUE_NAME, type WorkPool } from '../../shared/work-pool/work-pool.ts'
import { queueIdOf } from '../../shared/work-queue/work-queue.ts'

/** A push pool with one queue to speak of. */
export interface PushPool {
  pool: WorkPool
  queueId: string
  deployment: Deployment
}

/** Creates a push pool, a queue in it and a deployment of a plain command to that queue. */
export async function pushPool(
  deps: Deps,
  options: { name?: string; poolLimit?: number; queueLimit?: number; jobVariables?: Record<string, unknown> } = {},
): Promise<PushPool> {
  const { name = 'push', poolLimit, queueLimit, jobVariables = { command: ['true'] } } = options
  const pool = await createWorkPool(deps, { name, type: 'ecs:push', concurrencyLimit: poolLimit })
  const queue = await createWorkQueue(deps, name, { name: 'work', concurrencyLimit: queueLimit })
  const deployment = await commandDeployment(deps, { pool, queueId: queue.id, jobVariables })
  return { pool, queueId: queue.id, deployment }
}

/** Stores a deployment of a plain command. */
export async function commandDeployment(
  deps: Deps,
  options: {
    pool: WorkPool
    queueId?: string
    name?: string
    jobVariables?: Record<string, unknown>
    concurrencyLimit?: number
    collisionStrategy?: Deployment['collisionStrategy']
    entrypoint?: string
  },
): Promise<Deployment> {
  const { pool, name = 'command', jobVariables = { command: ['true'] }, concurrencyLimit = null } = options
  const now = deps.clock.now()
  const flowId = idFromName('flow', 'job')
  const deployment: Deployment = {
    id: idFromName('deployment', flowId, `${pool.name}/${name}`),
    name,
    flowId,
    version: null,
    description: null,
    paused: false,
    schedules: [],
    concurrencyLimit,
    collisionStrategy: options.collisionStrategy ?? null,
    gracePeriodSeconds: null,
    jobVariables,
    parameters: {},
    parameterOpenapiSchema: null,
    enforceParameterSchema: false,
    tags: [],
    labels: {},
    poolId: pool.id,
    poolName: pool.name,
    queueId: options.queueId ?? queueIdOf(pool.id, DEFAULT_QUEUE_NAME),
    queueName: null,
    path: null,
    entrypoint: options.entrypoint ?? null,
    pullSteps: null,
    storageDocumentId: null,
    infrastructureDocumentId: null,
    lastPolled: null,
    created: now,
    updated: now,
  }
  const items: object[] = [encodeDeployment({ deployment, revision: 1 })]
  if (concurrencyLimit !== null) {
    items.push(newLimitItem(deploymentLimit(deployment.id), { limit: concurrencyLimit, paused: false }))
  }
  for (const item of items) {
    await deps.table.client.send(new PutItemCommand({ TableName: deps.table.name, Item: toItem(item) }))
  }
  return deployment
}

/** Creates n runs of a deployment, due now or later. */
export async function createRuns(
  deps: Deps,
  deployment: Deployment,
  n: number,
  scheduledTime?: Instant,
): Promise<FlowRun[]> {
  const one = () =>
    createFlowRun(deps, {
      flowId: deployment.flowId,
      deploymentId: deployment.id,
      state: { type: 'SCHEDULED', details: { scheduledTime } },
    })
  const runs: FlowRun[] = []
  for (let i = 0; i < n; i += 1) runs.push((await one()).run)
  return runs
}

/** Reads a run that is known to exist. */
export async function readRun(deps: Deps, runId: string): Promise<FlowRun> {
  const run = await getRun(deps.table, runId)
  if (!run) throw new Error(`no run ${runId}`)
  return run
}

/** Reads a limit that is known to exist. */
export async function readLimit(deps: Deps, key: LimitKey): Promise<Limit> {
  const limit = (await getLimits(deps.table, [key])).get(key)
  if (!limit) throw new Error(`no limit ${key}`)
  return limit
}

/** A deadline that no test reaches. */
export const NO_DEADLINE = NEVER

export const inSeconds = (deps: Deps, seconds: number): Instant => addSeconds(deps.clock.now(), seconds)
