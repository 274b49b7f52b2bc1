import { expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { cancelIfColliding } from '#shared/engine/flow-run/cancel-if-colliding.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { deleteFlowRun } from '#shared/engine/flow-run/delete-flow-run.ts'
import { deploymentLimit, queueLimit } from '#shared/limit/limit.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun, someDetails } from '../../support/fixtures/a-run.ts'
import { pushPool, readLimit, readRun } from '../../support/fixtures/fixtures.ts'
import { putLimits, setLimit } from '../../support/fixtures/put-limits.ts'
import { pullForEachTest } from '../../support/pull-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let pool: WorkPool
let queue: WorkQueue
let deployment: Deployment
pullForEachTest((work) => {
  ;({ world, pool, queue, deployment } = work)
})

const order = () => ({ flowId: deployment.flowId, deploymentId: deployment.id })
const atWork = { state: { type: 'RUNNING' } } as const

it('a new run of a worker pool waits, has done nothing yet, and is announced to no dispatcher', async () => {
  const { run, created } = await createFlowRun(world, order())
  expect(created).toBe(true)
  const { created: at, life, id } = run
  const { timestamp } = run.state
  const expected = aRun({ id, life, job: null, poolId: pool.id, queueId: queue.id, flowId: deployment.flowId })
  expect(await readRun(world, id)).toEqual({
    ...expected,
    deploymentId: deployment.id,
    state: { ...expected.state, timestamp, details: { scheduledTime: timestamp } },
    history: [{ type: 'SCHEDULED', name: 'Scheduled', timestamp, message: null, by: expect.anything() }],
    expectedStartTime: at,
    nextScheduledStartTime: timestamp,
    created: at,
    updated: run.updated,
    details: { ...expected.details, name: run.details.name },
  })
  expect(run.details.name).toMatch(/^(?!undefined)[a-z]+-(?!undefined)[a-z]+$/)
  expect(world.sent).toEqual([])
  expect(world.counted.get('RunsCreated')).toBe(1)
  expect(world.logged).toContainEqual({
    level: 'info',
    message: 'flow run created',
    fields: { runId: id, deploymentId: deployment.id, queueId: queue.id },
  })
})

it('takes over what its caller says, and what its deployment does where the caller is silent', async () => {
  const own = { ...deployment, version: 'v2', labels: { a: 1, b: 1 }, infrastructureDocumentId: 'of-deployment' }
  const setting = { deployment: own, queue: { poolId: pool.id, queueId: queue.id } }
  const silent = await createFlowRun(world, order(), setting)
  expect(silent.run.details).toMatchObject({
    labels: { a: 1, b: 1 },
    deploymentVersion: 'v2',
    infrastructureDocumentId: 'of-deployment',
    autoScheduled: false,
    createdBy: null,
  })
  const details = someDetails({
    labels: { b: 2 },
    tags: ['t'],
    context: { c: 1 },
    parameters: { p: 1 },
    createdBy: { id: 'x', type: 'user', display_value: 'me' },
    autoScheduled: true,
    flowVersion: 'f1',
    deploymentVersion: 'mine',
    infrastructureDocumentId: 'mine',
  })
  const { run } = await createFlowRun(world, { ...order(), details }, setting)
  expect(run.details).toEqual({ ...details, labels: { a: 1, b: 2 }, deploymentVersion: 'v2' })
  const plain = await createFlowRun(world, { ...order(), details }, { deployment, queue: setting.queue })
  expect(plain.run.details.deploymentVersion).toBe('mine')
})

it('in a push pool, its job is launched with its own variables over those of its deployment', async () => {
  const push = await pushPool(world, { jobVariables: { command: ['true'], timeout_seconds: 60 } })
  const input = { flowId: push.deployment.flowId, deploymentId: push.deployment.id }
  expect((await createFlowRun(world, input)).run).toMatchObject({ job: 'command', timeoutSeconds: 60 })
  const changed = await createFlowRun(world, { ...input, details: { jobVariables: { timeout_seconds: 5 } } })
  expect(changed.run).toMatchObject({ job: 'command', timeoutSeconds: 5 })
  expect(world.sent.length).toBeGreaterThan(0)
})

it('is the run that is there where its key was used, and fails where that is deleted at the same time', async () => {
  const input = { ...order(), details: { idempotencyKey: 'k' } }
  const { run } = await createFlowRun(world, input)
  expect(await createFlowRun(world, input)).toMatchObject({ run: { id: run.id, life: run.life }, created: false })
  let tried = false
  const deps = withInterceptor(world, async (call, go) => {
    if (call.name === 'dynamodb PutItemCommand') tried = true
    if (call.name === 'dynamodb QueryCommand' && tried) await deleteFlowRun(world, run.id)
    return await go()
  })
  await expect(createFlowRun(deps, input)).rejects.toMatchObject({ code: 'unavailable' })
})

it('at work from the start, it is created once the limit that refused it has room again', async () => {
  await setLimit(world.table, queueLimit(queue.id), 0)
  let refusals = 0
  const deps = withInterceptor(world, async (call, go) => {
    try {
      return await go()
    } catch (error) {
      if (call.name === 'dynamodb TransactWriteItemsCommand') {
        refusals += 1
        await setLimit(world.table, queueLimit(queue.id), 1)
      }
      throw error
    }
  })
  const { run, created } = await createFlowRun(deps, { ...order(), ...atWork })
  expect({ created, refusals, state: run.state.type }).toEqual({ created: true, refusals: 1, state: 'RUNNING' })
  expect(await readLimit(world, queueLimit(queue.id))).toMatchObject({ active: 1 })
})

it('at work from the start, it is given up after five refusals by limits that have room whenever one looks', async () => {
  await setLimit(world.table, queueLimit(queue.id), 1)
  let claims = 0
  const deps = withInterceptor(world, async (call, go) => {
    if (call.name !== 'dynamodb TransactWriteItemsCommand') return await go()
    claims += 1
    await setLimit(world.table, queueLimit(queue.id), 0)
    try {
      return await go()
    } finally {
      await setLimit(world.table, queueLimit(queue.id), 1)
    }
  })
  await expect(createFlowRun(deps, { ...order(), ...atWork })).rejects.toMatchObject({ code: 'unavailable' })
  expect(claims).toBe(5)
})

it('is not cancelled by a limit that its deployment has no more, or not yet', async () => {
  const run = (await createFlowRun(world, order())).run
  const own = { ...deployment, collisionStrategy: 'CANCEL_NEW' } as const
  expect(await cancelIfColliding(world, run, { ...own, concurrencyLimit: 0 })).toBe(run)
  await putLimits(world.table, { [deploymentLimit(deployment.id)]: 0 })
  expect((await cancelIfColliding(world, run, { ...own, concurrencyLimit: 0 })).state.type).toBe('CANCELLED')
  expect(await cancelIfColliding(world, run, { ...own, concurrencyLimit: null })).toBe(run)
})

it('a deletion is given up when other writers kept getting in between', async () => {
  const { run } = await createFlowRun(world, order())
  let deletions = 0
  const deps = withInterceptor(world, async (call, go) => {
    if (call.name !== 'dynamodb TransactWriteItemsCommand') return await go()
    deletions += 1
    const now = await readRun(world, run.id)
    await saveRun(world.table, now, { ...now, infrastructurePid: `host:${deletions}` })
    return await go()
  })
  await expect(deleteFlowRun(deps, run.id)).rejects.toMatchObject({ code: 'unavailable' })
  expect(deletions).toBe(10)
  await deleteFlowRun(world, run.id)
  const fields = { runId: run.id, life: run.life }
  expect(world.logged).toContainEqual({ level: 'info', message: 'flow run deleted', fields })
})
