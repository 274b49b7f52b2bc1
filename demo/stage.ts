import type * as z from 'zod/mini'
import { createDeployment, createFlowRunFromDeployment } from '#shared/contract/deployment/deployment.ts'
import { createFlow } from '#shared/contract/flow/flow.ts'
import type { FlowRunOut } from '#shared/contract/flow-run/flow-run.ts'
import { createWorkPool, updateWorkPool } from '#shared/contract/work-pool/work-pool.ts'
import { createWorkQueue } from '#shared/contract/work-pool/work-queue.ts'
import type { Api } from './api.ts'
import type { Job, QueueName } from './job.ts'

export type WireRun = z.output<typeof FlowRunOut>

/** A job with the run that was sent for it. */
export interface Sent {
  job: Job
  runId: string
}

export const POOL = { name: 'demo', limit: 4 }
/** The queues, the most urgent first. */
export const QUEUES: readonly { name: QueueName; limit: number }[] = [
  { name: 'urgent', limit: 2 },
  { name: 'bulk', limit: 3 },
]

/** Creates a push pool, paused, with its queues; what is sent to it waits until it is resumed. */
export async function createStage(api: Api): Promise<void> {
  const { name, limit } = POOL
  await api(createWorkPool, { body: { name, type: 'ecs:push', concurrency_limit: limit, is_paused: true } })
  for (const [at, queue] of QUEUES.entries()) {
    const body = { name: queue.name, priority: at + 1, concurrency_limit: queue.limit }
    await api(createWorkQueue, { params: { pool: name }, body })
  }
}

export async function resumePool(api: Api): Promise<void> {
  await api(updateWorkPool, { params: { name: POOL.name }, body: { is_paused: false } })
}

/** Deploys a job and creates a run of it. */
export async function send(api: Api, job: Job, env: Record<string, string>): Promise<Sent> {
  const flow = await api(createFlow, { body: { name: job.flow } })
  const deployment = await api(createDeployment, {
    body: {
      name: job.name,
      flow_id: flow.id,
      work_pool_name: POOL.name,
      work_queue_name: job.queue,
      job_variables: { command: job.command, env },
    },
  })
  const run = await api(createFlowRunFromDeployment, { params: { id: deployment.id }, body: { name: job.name } })
  return { job, runId: run.id }
}
