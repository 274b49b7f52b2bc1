import type { Client, ReplyOf } from '#shared/client/create-client.ts'
import type { Job, QueueName } from './job.ts'

export type WireRun = ReplyOf<'getFlowRun'>

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
export async function createStage(client: Client): Promise<void> {
  const { name, limit } = POOL
  await client.createWorkPool({ name, type: 'ecs:push', concurrency_limit: limit, is_paused: true })
  for (const [at, queue] of QUEUES.entries()) {
    const settings = { name: queue.name, priority: at + 1, concurrency_limit: queue.limit }
    await client.createWorkQueue({ pool: name }, settings)
  }
}

export async function resumePool(client: Client): Promise<void> {
  await client.updateWorkPool({ name: POOL.name }, { is_paused: false })
}

/** Deploys a job and creates a run of it. */
export async function send(client: Client, job: Job, env: Record<string, string>): Promise<Sent> {
  const flow = await client.createFlow({ name: job.flow })
  const deployment = await client.createDeployment({
    name: job.name,
    flow_id: flow.id,
    work_pool_name: POOL.name,
    work_queue_name: job.queue,
    job_variables: { command: job.command, env },
  })
  const run = await client.createFlowRunFromDeployment({ id: deployment.id }, { name: job.name })
  return { job, runId: run.id }
}
