import { expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { LaunchBucket } from '#shared/ecs-task/launch-bucket.ts'
import { type HandOutState, handOut } from '#shared/engine/dispatch/hand-out.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { updateWorkPool } from '#shared/engine/work-pool/update-work-pool.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { markDeploymentDeleting } from '#shared/storage/deployment/delete-deployment.ts'
import { raiseEpoch } from '#shared/storage/limit/open-limit.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import { ecsTemplate } from '../../support/ecs/ecs-template.ts'
import { startProcess, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { commandDeployment, createRuns, inSeconds, type PushPool, readRun } from '../../support/fixtures/fixtures.ts'
import { createManyRuns } from '../../support/fixtures/many-runs.ts'
import { setLimit } from '../../support/fixtures/put-limits.ts'
import { pushForEachTest } from '../../support/push-for-each-test.ts'
import type { World } from '../../support/world.ts'

let world: World
let push: PushPool
pushForEachTest((work) => {
  ;({ world, push } = work)
})

const pass = (state: Partial<HandOutState> = {}, deps: Deps = world) => {
  const now = world.clock.now()
  const whole = { launchesMax: 100, lost: new Set<string>(), hinted: [], passed: new Set<string>(), now, ...state }
  return handOut(deps, push.pool, whole)
}
const pause = async (paused: boolean) => {
  const queue = await getQueue(world.table, push.pool.id, push.queueId)
  if (queue) await updateWorkQueue(world, queue, {}, { paused })
}
/** Something happens between the plan and the first claim. */
const beforeClaim = (act: () => Promise<unknown>) => {
  const claims = { count: 0 }
  const deps = withInterceptor(world, async ({ name }, go) => {
    if (name === 'dynamodb TransactWriteItemsCommand' && ++claims.count === 1) await act()
    return await go()
  })
  return { deps, claims }
}

it('hands out two batches in a pass at most, and no more than may be launched', async () => {
  await createManyRuns(world, push.deployment, 60)
  const launchBucket = new LaunchBucket(0, 10)
  const few = pass({ launchesMax: 3 }, { ...world, launchBucket })
  expect(await few).toMatchObject({ claimed: 3, launched: 3, progress: true })
  expect(launchBucket.available(world.clock.now())).toBe(7)
  expect(await pass()).toMatchObject({ claimed: 50, launched: 50, progress: true })
  expect(await pass()).toMatchObject({ claimed: 7, lost: [] })
  expect(await pass()).toMatchObject({ claimed: 0, progress: false, empty: true })
  expect(world.counted.get('Claims_claimed')).toBe(60)
})

it('claims for a dispatcher, until the task must have started', async () => {
  const [run] = await createRuns(world, push.deployment, 1)
  await pass()
  const { claim, history } = await readRun(world, run?.id ?? '')
  expect(claim).toMatchObject({ id: expect.stringMatching(/./) as string, by: { kind: 'dispatcher', name: null } })
  const at = claim?.at ?? 0
  expect([claim?.leaseUntil, history.at(-1)?.timestamp]).toEqual([at + 900_000_000, at])
})

it('passes over runs that others took, and queues that were found closed', async () => {
  const [one, two] = await createRuns(world, push.deployment, 2)
  expect(await pass({ passed: new Set([push.queueId]) })).toMatchObject({ claimed: 0 })
  expect(await pass({ lost: new Set([one?.id ?? '']) })).toMatchObject({ claimed: 1 })
  expect((await readRun(world, two?.id ?? '')).state.type).toBe('PENDING')
  await pause(true)
  expect(await pass()).toMatchObject({ passed: [push.queueId], waits: [{ reason: 'paused' }] })
})

it('names the runs that it put elsewhere, which the index may still show', async () => {
  const deployment = await commandDeployment(world, { ...push, name: 'limited', concurrencyLimit: 0 })
  const limit = deploymentLimit(deployment.id)
  const [run] = await createRuns(world, deployment, 1)
  expect(await pass()).toMatchObject({ parked: 1, moved: 0, lost: [run?.id], progress: true })
  await setLimit(world.table, limit, 1)
  await pause(true)
  expect(await pass({ hinted: [{ limit }] })).toMatchObject({ parked: 0, moved: 1, lost: [run?.id], progress: true })
  await pause(false)
  expect(await pass({ hinted: [{ limit }] })).toMatchObject({ claimed: 1 })
})

it('ends with the first claim that is refused, as its figures are stale', async () => {
  const { id: queueId } = await createWorkQueue(world, push.pool.name, { name: 'second' })
  const second = await commandDeployment(world, { pool: push.pool, queueId, name: 'second' })
  const [one] = await createRuns(world, push.deployment, 1)
  const [two] = await createRuns(world, second, 1)
  const { deps, claims } = beforeClaim(() => raiseEpoch(world.table, push.pool.id))
  expect(await pass({}, deps)).toMatchObject({ claimed: 0, lost: [], progress: true })
  expect(claims.count).toBe(1)
  expect(world.counted.get('Claims_refused')).toBe(1)
  expect(await pass()).toMatchObject({ claimed: 2 })
  const claimed = await Promise.all([one, two].map((run) => readRun(world, run?.id ?? '')))
  expect(claimed.map(({ generation }) => generation)).toEqual([1, 1])
})

it('names the runs that others took before it', async () => {
  const [run] = await createRuns(world, push.deployment, 2)
  const { deps } = beforeClaim(() => setState(world, run?.id ?? '', { type: 'CANCELLED' }))
  expect(await pass({}, deps)).toMatchObject({ claimed: 0, lost: [run?.id] })
})

it('launches what it claimed by the template of the pool', async () => {
  await updateWorkPool(world, push.pool.name, { baseJobTemplate: ecsTemplate({ env: { MODE: 'pool' } }) }, {})
  await createRuns(world, push.deployment, 1)
  await pass()
  expect(world.tasks.started).toMatchObject([{ env: { MODE: 'pool' } }])
})

it('reads no more of a pool than its lines, where nothing is due', async () => {
  await createRuns(world, push.deployment, 1, inSeconds(world, 60))
  const { deps, trace } = startProcess(world)
  await pass({}, deps)
  expect(trace.filter((name) => name !== 'dynamodb QueryCommand' && name !== 'dynamodb BatchGetItemCommand')).toEqual(
    [],
  )
})

it('a launch that fails keeps no other from it, and leaves its claim to the sweep', async () => {
  const runs = await createRuns(world, push.deployment, 3)
  const failing = withInterceptor(world, async ({ name, input }, go) => {
    const { runId } = input as { runId?: string }
    const answer = await go()
    if (name === 'tasks run' && runId === runs[1]?.id) Object.assign(answer as object, { kind: 'never heard of' })
    return answer
  })
  expect(await pass({}, failing)).toMatchObject({ claimed: 3, launched: 2 })
  expect((await readRun(world, runs[1]?.id ?? '')).state.type).toBe('PENDING')
  expect(world.logged).toContainEqual(expect.objectContaining({ level: 'warn', message: 'launch cut short' }))
  expect(world.counted.get('LaunchesCutShort')).toBe(1)
})

it('ends what it claimed of a deployment that is being deleted, and starts nothing', async () => {
  const [run] = await createRuns(world, push.deployment, 1)
  const { deps } = beforeClaim(() => markDeploymentDeleting(world.table, push.deployment, world.clock.now()))
  const launchBucket = new LaunchBucket(0, 10)
  expect(await pass({}, { ...deps, launchBucket })).toMatchObject({ claimed: 1, launched: 0 })
  const { state } = await readRun(world, run?.id ?? '')
  expect(state).toMatchObject({ type: 'CANCELLED', message: 'The deployment of the run was deleted.' })
  expect(world.tasks.started).toEqual([])
  expect(launchBucket.available(world.clock.now())).toBe(10)
})
