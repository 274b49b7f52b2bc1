import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { INDEX_LAG_SECONDS_MAX } from '#shared/bounds.ts'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { createRunInput } from '#shared/engine/flow-run/create-run-input.ts'
import { finishDeletions } from '#shared/engine/sweep/finish-deletions.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { createWorkQueue } from '#shared/engine/work-pool/create-work-queue.ts'
import { deleteWorkQueue } from '#shared/engine/work-pool/delete-work-queue.ts'
import { readyPhase, readySort } from '#shared/flow-run/phase.ts'
import { NEVER } from '#shared/instant.ts'
import { queueLimit } from '#shared/limit/limit.ts'
import { listDeletions } from '#shared/storage/deletion/list-deletions.ts'
import { postponeDeletion } from '#shared/storage/deletion/postpone-deletion.ts'
import { markDeploymentDeleting } from '#shared/storage/deployment/delete-deployment.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { PHASE_INDEX } from '#shared/storage/dynamo/table.ts'
import { deleteRun } from '#shared/storage/flow-run/delete-run.ts'
import { getRunInput } from '#shared/storage/flow-run/list-run-inputs.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import type { WorkQueue } from '#shared/work-queue/work-queue.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { laggingIndex } from '../../support/faults/lagging-index.ts'
import { aRun } from '../../support/fixtures/a-run.ts'
import { commandDeployment, createRuns, readRun } from '../../support/fixtures/fixtures.ts'
import { copyRun, putRuns } from '../../support/fixtures/many-runs.ts'
import { openMemoryStage } from '../../support/stage.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let pool: WorkPool
let queue: WorkQueue
let deployment: Deployment
beforeEach(async () => {
  await world?.close()
  world = await openWorld()
  pool = await createWorkPool(world, { name: 'p', type: 'process' })
  queue = await createWorkQueue(world, 'p', { name: 'q' })
  deployment = await commandDeployment(world, { pool, queueId: queue.id })
})
afterAll(() => world.close())

const waiting = async () => (await createRuns(world, deployment, 1))[0] ?? expect.fail('no run')
const typeOf = async ({ id }: { id: string }) => (await readRun(world, id)).state.type
const now = () => world.clock.now()
/** Once the requests that began the deletions must be done. */
async function finish(deps: Deps = world): Promise<number> {
  const { clock } = deps as World
  clock.pass(31)
  return await finishDeletions(deps)
}
/** Once no index can hide what was written before the last look. */
async function finishForGood(deps = world as Deps): Promise<number> {
  world.clock.pass(INDEX_LAG_SECONDS_MAX)
  return await finishDeletions(deps)
}

/** A process of its own, and the calls that it makes. */
function recorded() {
  const calls: { name: string; index: string | undefined }[] = []
  const deps = withInterceptor(world, async ({ name, input }, go) => {
    calls.push({ name, index: (input as { IndexName?: string }).IndexName })
    return await go()
  })
  return { deps, calls }
}

describe.each(['queue', 'deployment'] as const)('the deletion of a %s', (kind) => {
  const mark = async () =>
    kind === 'queue'
      ? await markDeleting(world.table, queueLimit(queue.id), { kind, ...queue }, now())
      : await markDeploymentDeleting(world.table, deployment, now())
  const isGone = async () =>
    (kind === 'queue'
      ? await getQueue(world.table, pool.id, queue.id)
      : await getDeployment(world.table, deployment.id)) === undefined

  it('that was cut short is finished, and then looked after for runs that came in between', async () => {
    const run = await waiting()
    await mark()
    expect([await finish(), await typeOf(run), await isGone()]).toEqual([0, 'CANCELLED', true])
    const [late] = await copyRun(world, run, 1)
    expect([await finish(), await typeOf(late ?? run)]).toEqual([0, 'CANCELLED'])
    expect([await finishForGood(), await finishForGood()]).toEqual([1, 0])
  })

  it('ends a run that the index shows only minutes later, however often sweeps look in between', async () => {
    const index = laggingIndex(world.table)
    await index.catchUp()
    const lagging = withInterceptor(world, index.intercept)
    const run = await waiting()
    await mark()
    await finish(lagging)
    for (let n = 0; n < 5; n += 1) expect([await finish(lagging), await typeOf(run)]).toEqual([0, 'SCHEDULED'])
    await index.catchUp()
    expect([await finishForGood(lagging), await typeOf(run)]).toEqual([1, 'CANCELLED'])
  })

  it('is looked after twice by a sweeper, and not at each tick in between', async () => {
    await mark()
    await finish()
    const { deps, calls } = recorded()
    const looks = () => calls.filter(({ index }) => index === PHASE_INDEX).length
    await finish(deps)
    const once = looks()
    for (let n = 0; n < 5; n += 1) await finish(deps)
    expect([once > 0, looks()]).toEqual([true, once])
    expect([await finishForGood(deps), looks()]).toEqual([1, 2 * once])
  })
})

it('finishes the deletion of a pool', async () => {
  const run = await waiting()
  await markDeleting(world.table, `pool#${pool.id}`, { kind: 'pool', ...pool }, now())
  await finish()
  expect([await getPool(world.table, pool.id), await typeOf(run)]).toEqual([undefined, 'CANCELLED'])
  expect([await finish(), await listDeletions(world.table, 9, () => true)]).toEqual([0, []])
})

it('goes on in the next sweep with a deletion that is too long for one, and reports no error', {
  timeout: 60_000,
}, async () => {
  const memory = (await openMemoryStage()).world
  const own = await createWorkPool(memory, { name: 'p', type: 'process' })
  const runs = Array.from({ length: 2_050 }, (_, n) => aRun({ id: `run-${n}`, poolId: own.id, queueId: 'q' }))
  await putRuns(memory, runs)
  await markDeleting(memory.table, `pool#${own.id}`, { kind: 'pool', ...own }, memory.clock.now())
  expect([await finish(memory), (await getPool(memory.table, own.id))?.id]).toEqual([0, own.id])
  expect(memory.logged.filter(({ level }) => level === 'error')).toEqual([])
  await finish(memory)
  expect(await getPool(memory.table, own.id)).toBeUndefined()
})

it('looks once more for the runs of what is gone from where the last look stopped', async () => {
  const run = await waiting()
  await deleteDeployment(world, deployment.id)
  const [late] = await copyRun(world, run, 1)
  const [deletion] = await listDeletions(world.table, 9, () => true)
  const behind = { phase: readyPhase(pool.id), sort: readySort(queue.id, NEVER) }
  if (deletion) await postponeDeletion(world.table, { ...deletion, due: now(), from: behind })
  expect([await finish(), await typeOf(late ?? run)]).toEqual([0, 'SCHEDULED'])
})

it('deletes what a deleted run left behind', async () => {
  const run = await waiting()
  await createRunInput(world, { runId: run.id, key: 'k', value: 'v', sender: null })
  await deleteRun(world.table, await readRun(world, run.id), now())
  expect(await getRunInput(world.table, run, 'k')).toBeDefined()
  await finish()
  expect(await getRunInput(world.table, run, 'k')).toBeUndefined()
  expect([await finishForGood(), await finishForGood()]).toEqual([1, 0])
})

it('leaves a deletion to the request that has just begun it, and writes nothing after one that is done but to forget it', async () => {
  const run = await waiting()
  await markDeleting(world.table, queueLimit(queue.id), { kind: 'queue', ...queue }, now())
  expect([await finishDeletions(world), await typeOf(run)]).toEqual([0, 'SCHEDULED'])
  await deleteWorkQueue(world, queue)
  await deleteDeployment(world, deployment.id)
  const { deps, calls } = recorded()
  const writes = () => calls.flatMap(({ name }) => (/Query|Get/.test(name) ? [] : name))
  expect([await finish(deps), writes()]).toEqual([0, []])
  expect([await finishForGood(deps), writes()]).toEqual([2, Array(2).fill('dynamodb DeleteItemCommand')])
})

it('puts off a deletion that fails, and finishes the others', async () => {
  const [run, other] = [await waiting(), await waiting()]
  await markDeleting(world.table, queueLimit(queue.id), { kind: 'queue', ...queue }, now())
  await deleteRun(world.table, await readRun(world, other.id), now())
  const faulty = withInterceptor(world, async ({ name, input }, go) => {
    const { IndexName } = input as { IndexName?: string }
    if (name === 'dynamodb QueryCommand' && IndexName === 'phase') throw new Error('no answer')
    return await go()
  })
  expect(await finish(faulty)).toBe(0)
  expect(await finishForGood(faulty)).toBe(1)
  const fields = { kind: 'queue', id: queue.id }
  expect(world.logged).toContainEqual(expect.objectContaining({ level: 'error', message: 'deletion not finished' }))
  expect(world.logged.find(({ level }) => level === 'error')).toMatchObject({ fields })
  expect([await finish(), await typeOf(run)]).toEqual([0, 'SCHEDULED'])
  world.clock.pass(10 * 60)
  expect([await finish(), await typeOf(run)]).toEqual([0, 'CANCELLED'])
})
