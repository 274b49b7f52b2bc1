import { beforeEach, expect, it } from 'vitest'
import { runFlow } from '#shared/engine/flow-run/run-flow.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { idFromName } from '#shared/ids.ts'
import { markDeploymentDeleting } from '#shared/storage/deployment/delete-deployment.ts'
import { createFlow } from '#shared/storage/flow/create-flow.ts'
import { AGENT_POOL_NAME } from '#shared/work-pool/work-pool.ts'
import { type PushPool, pushPool } from '../../support/fixtures/fixtures.ts'
import { stageForEachTest } from '../../support/stage-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let push: PushPool
stageForEachTest((stage) => {
  world = stage.world
})
beforeEach(async () => {
  push = await pushPool(world)
})

it('a flow that is called directly is PENDING without a place, as its process is there', async () => {
  const { run } = await runFlow(world, { flowId: push.deployment.flowId })
  expect(run).toMatchObject({ state: { type: 'PENDING' }, poolId: null, queueId: null, deploymentId: null, job: null })
})

it("waits in the deployment's queue, or in the place that it names, where its own job variables count", async () => {
  const { flowId, id: deploymentId } = push.deployment
  const place = { poolId: push.pool.id, queueId: push.queueId }
  const order = { flowId, deploymentId }
  expect((await runFlow(world, order)).run).toMatchObject({ ...place, deploymentId, state: { type: 'SCHEDULED' } })
  const details = { jobVariables: { command: ['other'], timeout_seconds: 7 } }
  const { run } = await runFlow(world, { ...order, poolName: 'push', details })
  expect(run).toMatchObject({ poolId: push.pool.id, queueId: push.pool.defaultQueueId, timeoutSeconds: 7 })
  const inQueue = { flowId, poolName: 'push', queueName: 'work', details }
  expect((await runFlow(world, inQueue)).run).toMatchObject({ ...place, deploymentId: null })
})

it('that names a queue alone waits in the pool of agents', async () => {
  const agents = await createWorkPool(world, { name: AGENT_POOL_NAME, type: 'prefect-agent' })
  const queue = await createWorkQueue(world, AGENT_POOL_NAME, { name: 'old' })
  const { run } = await runFlow(world, { flowId: push.deployment.flowId, queueName: 'old' })
  expect(run).toMatchObject({ poolId: agents.id, queueId: queue.id, state: { type: 'SCHEDULED' } })
})

it('needs a flow, and a deployment of that flow which is there to stay', async () => {
  const { flowId, id: deploymentId } = push.deployment
  await expect(runFlow(world, { flowId: idFromName('none') })).rejects.toMatchObject({ code: 'not_found' })
  const unknown = runFlow(world, { flowId, deploymentId: idFromName('none') })
  await expect(unknown).rejects.toThrow('Deployment')
  const other = { id: idFromName('other'), name: 'other', tags: [], labels: {}, created: 0, updated: 0 }
  await createFlow(world.table, other)
  await expect(runFlow(world, { flowId: other.id, deploymentId })).rejects.toThrow('belongs to another flow')
  await markDeploymentDeleting(world.table, push.deployment, world.clock.now())
  const doomed = { flowId, deploymentId, poolName: 'push' }
  await expect(runFlow(world, doomed)).rejects.toMatchObject({ code: 'being_deleted' })
})
