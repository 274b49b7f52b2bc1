import type { Deployment } from '#shared/deployment/deployment.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { commandDeployment } from './fixtures/fixtures.ts'
import { stageForEachTest } from './stage-for-each-test.ts'
import type { World } from './world.ts'

/** A pool that workers poll, with a queue `work` of its own, and a deployment in it. */
export interface PullWork {
  world: World
  pool: WorkPool
  queue: WorkQueue
  deployment: Deployment
}

/** Gives each test of a file a pull pool on a stage of its own. */
export function pullForEachTest(use: (work: PullWork) => void): void {
  stageForEachTest(async ({ world }) => {
    const pool = await createWorkPool(world, { name: 'pull', type: 'process' })
    const queue = await createWorkQueue(world, 'pull', { name: 'work' })
    use({ world, pool, queue, deployment: await commandDeployment(world, { pool, queueId: queue.id }) })
  })
}
