import { ROOM } from '../engine/stage.ts'
import type { HttpClient } from '../service/http-client.ts'

/** The objects that runs need, created by the same requests on both sides. */
export interface RemoteStage {
  pool: string
  deploymentId: string
  /** The queue that the deployment's runs go to. */
  queue: string
}

/** Sets up a pool with one queue, both with a limit, and a deployment to it, over the API. */
export async function setRemoteStage(client: HttpClient, name: string): Promise<RemoteStage> {
  const pool = { name, type: 'process', concurrency_limit: ROOM }
  await client.call('createWorkPool', pool)
  await addQueue(client, name, FIRST_QUEUE)
  const flow = await client.call('createFlow', { name: 'bench' })
  const deployment = await client.call('createDeployment', {
    name,
    flow_id: flow.id,
    entrypoint: 'flows.py:bench',
    work_pool_name: name,
    work_queue_name: FIRST_QUEUE,
  })
  return { pool: name, deploymentId: deployment.id, queue: FIRST_QUEUE }
}

const FIRST_QUEUE = 'work'

/** Adds a queue with a limit to a pool. */
export async function addQueue(client: HttpClient, pool: string, name: string): Promise<void> {
  await client.call('createWorkQueue', { pool }, { name, concurrency_limit: ROOM })
}
