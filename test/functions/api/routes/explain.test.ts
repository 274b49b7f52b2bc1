import { afterAll, beforeAll, expect, it } from 'vitest'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { markDeploymentDeleting } from '#shared/storage/deployment/delete-deployment.ts'
import { api } from '../../../support/api.ts'
import { createRuns, inSeconds, NO_DEADLINE, type PushPool, pushPool } from '../../../support/fixtures/fixtures.ts'
import { setPaused } from '../../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let push: PushPool
beforeAll(async () => {
  world = await openWorld()
  push = await pushPool(world, { queueLimit: 1 })
})
afterAll(() => world.close())

async function explain(runId: string | undefined): Promise<Record<string, unknown>> {
  const { status, body } = await api(world).get(`/flow_runs/${runId}/explain`)
  expect(status).toBe(200)
  return body as Record<string, unknown>
}

it('explains why each waiting run waits', async () => {
  const [first, second, third] = await createRuns(world, push.deployment, 3)
  const [later] = await createRuns(world, push.deployment, 1, inSeconds(world, 600))
  expect(await explain(first?.id)).toMatchObject({ reason: 'next', runs_ahead: 0 })
  expect(await explain(third?.id)).toMatchObject({ reason: 'behind_others', runs_ahead: 2 })
  expect(await explain(later?.id)).toMatchObject({ reason: 'not_due' })
  await dispatchPool(world, push.pool.id, NO_DEADLINE)
  expect(await explain(first?.id)).toMatchObject({ reason: 'starting', state_type: 'PENDING' })
  expect(await explain(second?.id)).toMatchObject({
    reason: 'full',
    message: 'The concurrency limit of its work queue is reached (1 of 1 held); a slot has to become free.',
    limit: { kind: 'queue', id: push.queueId, limit: 1, active: 1 },
  })
  await setPaused(world.table, queueLimit(push.queueId), true)
  expect(await explain(second?.id)).toMatchObject({
    reason: 'paused',
    message: 'Its work queue is paused; it has to be resumed.',
    obstacles: [{ reason: 'paused' }, { reason: 'full' }],
  })
})

it('says that a run will be cancelled while its deployment is being deleted', async () => {
  const { deployment } = await pushPool(world, { name: 'other' })
  const [run] = await createRuns(world, deployment, 1)
  await markDeploymentDeleting(world.table, deployment, world.clock.now())
  expect(await explain(run?.id)).toMatchObject({
    reason: 'deployment_deleted',
    message: 'Its deployment is being deleted; the run will be cancelled.',
  })
})

it('answers 404 for a missing run', async () => {
  const { status } = await api(world).get('/flow_runs/0197b3c0-0000-7000-8000-000000000000/explain')
  expect(status).toBe(404)
})
