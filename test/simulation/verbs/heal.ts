import type { Scene } from './verb.ts'
import { serve, worker } from './workers.ts'

const ROUNDS_MAX = 60

/**
 * Opens all that was closed, and works off what waits: from then on nothing but time stands between any run and its end.
 */
export async function healWorld(scene: Scene): Promise<void> {
  const { known } = scene
  const client = scene.client('careful')
  for (const pool of known.pools) {
    const made = await client.call('createWorkPool', { name: pool.name, type: pool.push ? 'ecs:push' : 'process' })
    if (made?.status === 201) pool.queues = ['default']
    await client.call('updateWorkPool', { name: pool.name }, { concurrency_limit: null, is_paused: false })
    const queues = await client.call('listWorkQueues', { pool: pool.name }, {})
    for (const { name } of (queues?.body ?? []) as { name: string }[])
      await client.call('updateWorkQueue', { pool: pool.name, queue: name }, { concurrency_limit: null, is_paused: false })
  }
  for (const { id } of known.deployments) await client.call('updateDeployment', { id }, { concurrency_limit: null, paused: false })
  for (const { id } of known.runs.values()) await client.call('resumeFlowRun', { id }, {})
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    await Promise.all([worker.act(scene), worker.act(scene), serve.act(scene)])
    await scene.sleep(30)
  }
}
