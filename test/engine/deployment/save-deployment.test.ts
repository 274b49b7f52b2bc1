import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { runDeployment } from '#shared/engine/deployment/run-deployment.ts'
import { saveDeployment, updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { ensureFlow } from '#shared/engine/flow/ensure-flow.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { listScheduledRuns } from '#shared/engine/poll/list-scheduled-runs.ts'
import { finishDeletions } from '#shared/engine/sweep/finish-deletions.ts'
import { openCountedLimits } from '#shared/engine/sweep/open-counted-limits.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { markDeploymentDeleting } from '#shared/storage/deployment/delete-deployment.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { DEPLOYMENT_INDEX } from '#shared/storage/dynamo/table.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { readLimit, readRun } from '../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let flowId: string

beforeAll(async () => {
  world = await openWorld()
  flowId = (await ensureFlow(world, { name: 'etl', tags: [], labels: {} })).flow.id
  await createWorkPool(world, { name: 'pull', type: 'process' })
})
afterAll(() => world.close())

const save = (name: string, change = {}, deps: Deps = world) =>
  saveDeployment(deps, { flowId, name, change, schedules: [] })

describe('concurrent saves of one deployment', () => {
  it('create one deployment with one correct limit', async () => {
    const change = { concurrencyLimit: 4, poolName: 'pull', queueName: 'shared' }
    const saved = await Promise.all(Array.from({ length: 6 }, () => save('race', change)))
    expect(saved.filter(({ created }) => created)).toHaveLength(1)
    const id = saved[0]?.deployment.id ?? ''
    expect(await readLimit(world, deploymentLimit(id))).toMatchObject({
      limit: 4,
      available: 4,
      active: 0,
      paused: false,
    })
  })

  it('lose no change to different fields', async () => {
    const { deployment } = await save('patched')
    const changes = [{ version: 'v' }, { description: 'd' }, { paused: true }, { tags: ['t'] }, { path: 'p' }]
    await Promise.all(changes.map((change) => updateDeployment(world, deployment.id, change)))
    expect(await getDeployment(world.table, deployment.id)).toMatchObject(Object.assign({}, ...changes))
  })
})

describe('a deployment deleted while it has runs', () => {
  it('keeps its limit for the runs held, and takes it over when created again', async () => {
    const change = { concurrencyLimit: 2, poolName: 'pull' }
    const { deployment } = await save('reborn', change)
    const { run } = await runDeployment(world, deployment.id, { details: {} })
    await setState(world, run.id, { type: 'PENDING' })
    await deleteDeployment(world, deployment.id)
    const key = deploymentLimit(deployment.id)
    expect(await readLimit(world, key)).toMatchObject({ active: 1 })
    expect((await save('reborn', change)).created).toBe(true)
    expect(await readLimit(world, key)).toMatchObject({ limit: 2, active: 1, available: 1 })
    await setState(world, run.id, { type: 'CANCELLED' }, { force: true })
    expect(await readLimit(world, key)).toMatchObject({ active: 0, available: 2 })
  })

  it('counts runs of its former life when it is created again with its first limit', async () => {
    const { deployment } = await save('former', { poolName: 'pull' })
    const { run } = await runDeployment(world, deployment.id, { details: {} })
    await setState(world, run.id, { type: 'PENDING' })
    await deleteDeployment(world, deployment.id)
    await save('former', { poolName: 'pull', concurrencyLimit: 1 })
    // Closed until the sweep has given the held run its slot.
    expect(await readLimit(world, deploymentLimit(deployment.id))).toMatchObject({ limit: 1, paused: true })
  })

  it('counts them though no list shows them yet, as long as they may be missing', async () => {
    const { deployment } = await save('hidden', { poolName: 'pull' })
    const { run } = await runDeployment(world, deployment.id, { details: {} })
    await setState(world, run.id, { type: 'PENDING' })
    await deleteDeployment(world, deployment.id)
    const lagging = withInterceptor(world, async ({ input }, go) => {
      const { IndexName } = input as { IndexName?: string }
      return IndexName === DEPLOYMENT_INDEX
        ? ({ response: {}, output: { Items: [], $metadata: {} } } as never)
        : await go()
    })
    await save('hidden', { poolName: 'pull', concurrencyLimit: 1 }, lagging)
    const key = deploymentLimit(deployment.id)
    expect(await readLimit(world, key)).toMatchObject({ limit: 1, paused: true })
    world.clock.pass(3)
    await openCountedLimits(world)
    expect(await readLimit(world, key)).toMatchObject({ paused: false, active: 1, available: 0 })
  })

  it('opens its first limit at once where it never had a run', async () => {
    const { deployment } = await save('unused', { poolName: 'pull', concurrencyLimit: 1 })
    expect(await readLimit(world, deploymentLimit(deployment.id))).toMatchObject({ paused: false, countingSince: null })
  })

  it('leaves that to the sweep when it is cut short', async () => {
    const cut = withInterceptor(world, async ({ name }, go) => {
      if (name === 'dynamodb UpdateItemCommand') throw new Error('no answer')
      return await go()
    })
    const { deployment } = await save('cut', { poolName: 'pull', concurrencyLimit: 1 }, cut)
    const key = deploymentLimit(deployment.id)
    expect(await readLimit(world, key)).toMatchObject({ paused: true })
    await openCountedLimits(world)
    world.clock.pass(3)
    await openCountedLimits(world)
    expect(await readLimit(world, key)).toMatchObject({ paused: false })
  })

  it('cancels the runs parked under its limit', async () => {
    const { deployment } = await save('parking', { concurrencyLimit: 1, poolName: 'pull' })
    const runs = await Promise.all([1, 2].map(() => runDeployment(world, deployment.id, { details: {} })))
    const [held, parked] = runs.map(({ run }) => run.id)
    if (!held || !parked) throw new Error('no runs')
    await setState(world, held, { type: 'PENDING' })
    await setState(world, parked, { type: 'PENDING' })
    expect((await readRun(world, parked)).blockedBy).toBe(deploymentLimit(deployment.id))
    await deleteDeployment(world, deployment.id)
    expect((await readRun(world, parked)).state.type).toBe('CANCELLED')
    expect((await readRun(world, held)).state.type).toBe('PENDING')
  })
})

it('a deployment that is being deleted takes no changes and no runs', async () => {
  const { deployment } = await save('closing', { poolName: 'pull' })
  await markDeploymentDeleting(world.table, deployment, world.clock.now())
  const code = 'being_deleted'
  await expect(save('closing', { version: '2' })).rejects.toMatchObject({ code })
  await expect(updateDeployment(world, deployment.id, { paused: true })).rejects.toMatchObject({ code })
  await expect(runDeployment(world, deployment.id, { details: {} })).rejects.toMatchObject({ code })
  world.clock.pass(60)
  await finishDeletions(world)
  expect((await save('closing', { version: '2' })).created).toBe(true)
})

describe('a changed limit', () => {
  it('lets runs that wait for it start once it is raised', async () => {
    const { deployment } = await save('raised', { concurrencyLimit: 1, poolName: 'pull' })
    const [first, second] = await Promise.all([1, 2].map(() => runDeployment(world, deployment.id, { details: {} })))
    if (!first || !second) throw new Error('no runs')
    await setState(world, first.run.id, { type: 'PENDING' })
    await setState(world, second.run.id, { type: 'PENDING' })
    expect((await readRun(world, second.run.id)).blockedBy).not.toBe(null)
    const poll = async () => await listScheduledRuns(world, { poolId: deployment.poolId ?? '' })
    expect(await poll()).toEqual([])
    await updateDeployment(world, deployment.id, { concurrencyLimit: 2 })
    expect((await poll()).map(({ run }) => run.id)).toEqual([second.run.id])
    await setState(world, second.run.id, { type: 'PENDING' })
    expect((await readRun(world, second.run.id)).state.type).toBe('PENDING')
  })

  it('leaves only its count behind when it is cleared', async () => {
    const { deployment } = await save('cleared', { concurrencyLimit: 1, poolName: 'pull' })
    await updateDeployment(world, deployment.id, { concurrencyLimit: null })
    expect((await getDeployment(world.table, deployment.id))?.concurrencyLimit).toBe(null)
    expect(
      (await getLimits(world.table, [deploymentLimit(deployment.id)])).get(deploymentLimit(deployment.id))?.limit,
    ).toBe(null)
  })
})
