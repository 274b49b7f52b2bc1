import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { countHolders } from '#shared/engine/deployment/count-holders.ts'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { saveDeployment, updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { explainRun } from '#shared/engine/explain/explain-runs.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { deploymentLimit, poolLimit } from '#shared/limit/limit.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { createDispatcher } from '../../functions/dispatcher/handler.ts'
import { type DynamoDbEngine, startDynoxide } from '../../local/engine/dynoxide.ts'
import { startProcess, withInterceptor } from '../support/faults/faulty-calls.ts'
import { laggingIndex } from '../support/faults/lagging-index.ts'
import {
  commandDeployment,
  createRuns,
  NO_DEADLINE,
  pushPool,
  readLimit,
  readRun,
} from '../support/fixtures/fixtures.ts'
import { copyRun } from '../support/fixtures/many-runs.ts'
import { miscount } from '../support/fixtures/miscount.ts'
import { ledgerProblems, takeSnapshot } from '../support/invariants.ts'
import { sqsEvent, wakeUpBody } from '../support/lambda-events.ts'
import { openStage, type Stage } from '../support/stage.ts'

let engine: DynamoDbEngine
let stage: Stage
beforeAll(async () => {
  engine = await startDynoxide()
})
beforeEach(async () => {
  stage = await openStage(engine)
})
afterEach(() => stage.close())
afterAll(() => engine.stop())

const problems = async () => ledgerProblems(await takeSnapshot(stage.deps.table))
const limitOf = (id: string) => readLimit(stage.deps, deploymentLimit(id))
const cap = (id: string, concurrencyLimit: number | null, by: Deps = stage.deps) =>
  updateDeployment(by, id, { concurrencyLimit })

/** A pull pool whose deployment has this many runs that workers hold, and one more that waits. */
async function busyDeployment(held: number, name = 'pull') {
  const pool = await createWorkPool(stage.deps, { name, type: 'process' })
  const deployment = await commandDeployment(stage.deps, { pool })
  const runs = await createRuns(stage.deps, deployment, held + 1)
  const waiting = runs.pop() as FlowRun
  for (const { id } of runs) await setState(stage.deps, id, { type: 'RUNNING' })
  return { deployment, runs, waiting }
}

/** Delivers the wake-ups that name a limit, once they are due; nothing else runs. */
async function deliverCounts(seconds: number): Promise<void> {
  const { world, deps } = stage
  world.clock.pass(seconds)
  const due = world.counts.splice(0)
  expect(due.every(({ delaySeconds }) => delaySeconds <= seconds)).toBe(true)
  await createDispatcher(deps)(sqsEvent(due.map(wakeUpBody)))
}

it('a first limit on a busy deployment opens within 5 s, with all that is held counted', async () => {
  const { deployment } = await busyDeployment(3)
  await cap(deployment.id, 2)
  expect(await limitOf(deployment.id)).toMatchObject({ limit: 2, paused: true, active: 3 })
  await deliverCounts(3)
  expect(await limitOf(deployment.id)).toMatchObject({ paused: false, countingSince: null, active: 3, available: -1 })
  expect(stage.world.counts).toEqual([])
  expect(await problems()).toEqual([])
})

it('without its wake-up, the next tick opens it', async () => {
  const { deployment } = await busyDeployment(1)
  await cap(deployment.id, 2)
  stage.world.counts.splice(0)
  stage.world.clock.pass(60)
  expect(await sweep(stage.deps)).toMatchObject({ limitsOpened: 1, failures: 0 })
  expect(await limitOf(deployment.id)).toMatchObject({ paused: false, active: 1 })
  expect(await sweep(stage.deps)).toMatchObject({ limitsOpened: 0 })
})

it('a wake-up that comes twice, early or late does no harm', async () => {
  const { deployment } = await busyDeployment(1)
  await cap(deployment.id, 1)
  const [wakeUp] = stage.world.counts.splice(0)
  if (!wakeUp) throw new Error('no wake-up')
  const deliver = () => createDispatcher(stage.deps)(sqsEvent([wakeUpBody(wakeUp), wakeUpBody(wakeUp)]))
  await deliver()
  expect(await limitOf(deployment.id)).toMatchObject({ paused: true })
  await deliverCounts(2)
  expect(await limitOf(deployment.id)).toMatchObject({ paused: false, active: 1 })
  expect(await deliver()).toEqual({ batchItemFailures: [] })
  expect(await problems()).toEqual([])
})

it('wherever the request dies, deployment and limit are one, and ticks do the rest', { timeout: 120_000 }, async () => {
  const prepare = async () => {
    stage.close()
    stage = await openStage(engine)
    const push = await pushPool(stage.deps)
    await createRuns(stage.deps, push.deployment, 2)
    await dispatchPool(stage.deps, push.pool.id, NO_DEADLINE)
    return push.deployment
  }
  const whole = await prepare()
  const { deps, trace } = startProcess(stage.deps)
  await cap(whole.id, 1, deps)
  for (const fault of ['dies before', 'dies after'] as const) {
    for (const at of trace.keys()) {
      const { id } = await prepare()
      const process = startProcess(stage.deps, { at, fault })
      await cap(id, 1, process.deps).catch(() => undefined)
      await process.idle()
      const said = (await getDeployment(stage.deps.table, id))?.concurrencyLimit ?? null
      const limit = (await getLimits(stage.deps.table, [deploymentLimit(id)])).get(deploymentLimit(id))
      expect({ at, fault, limit: limit?.limit ?? null }).toEqual({ at, fault, limit: said })
      for (let tick = 0; tick < 2; tick += 1) {
        stage.world.clock.pass(60)
        await sweep(stage.deps)
      }
      const after = (await getLimits(stage.deps.table, [deploymentLimit(id)])).get(deploymentLimit(id))
      const { paused, active, available } = after ?? {}
      expect({ at, fault, paused, active, available }).toEqual(
        said === null ? { at, fault } : { at, fault, paused: false, active: 2, available: -1 },
      )
      expect(await problems()).toEqual([])
    }
  }
  // Neither at the first call nor only at the last.
  expect(trace.length).toBeGreaterThan(8)
})

it('of requests at the same time the last one stands, in deployment and limit alike', async () => {
  const { deployment } = await busyDeployment(1)
  await Promise.all([2, null, 3, null, 1].map((limit) => cap(deployment.id, limit)))
  const { concurrencyLimit } = (await getDeployment(stage.deps.table, deployment.id)) ?? {}
  expect(await limitOf(deployment.id)).toMatchObject({ limit: concurrencyLimit, paused: concurrencyLimit !== null })
  await deliverCounts(5)
  expect(await limitOf(deployment.id)).toMatchObject({ limit: concurrencyLimit, paused: false, active: 1 })
})

it('null opens it at once, a number before it has counted closes it again', async () => {
  const { deployment, waiting } = await busyDeployment(2)
  await cap(deployment.id, 2)
  await cap(deployment.id, null)
  expect(await limitOf(deployment.id)).toMatchObject({ limit: null, paused: false })
  await setState(stage.deps, waiting.id, { type: 'RUNNING' })
  expect((await readRun(stage.deps, waiting.id)).claim?.slots).toContain(deploymentLimit(deployment.id))
  await cap(deployment.id, 5)
  expect(await limitOf(deployment.id)).toMatchObject({ limit: 5, paused: true })
  await deliverCounts(3)
  expect(await limitOf(deployment.id)).toMatchObject({ limit: 5, paused: false, active: 3, available: 2 })
  await cap(deployment.id, 6)
  expect(await limitOf(deployment.id)).toMatchObject({ limit: 6, paused: false, available: 3 })
})

it('a run that the index does not show at the first look is found by the second', async () => {
  const { deployment, runs } = await busyDeployment(1)
  const index = laggingIndex(stage.deps.table)
  await cap(deployment.id, 1, withInterceptor(stage.deps, index.intercept))
  expect(await limitOf(deployment.id)).toMatchObject({ active: 0, paused: true })
  for (const type of ['PAUSED', 'RUNNING'] as const) await setState(stage.deps, runs[0]?.id ?? '', { type })
  await deliverCounts(3)
  expect(await limitOf(deployment.id)).toMatchObject({ active: 1, paused: false })
  expect(await problems()).toEqual([])
})

describe('an index that lags for minutes', () => {
  /** Caps a deployment at 1 in an index that shows nothing new, and looks on until so many seconds have passed. */
  async function capUnseen(deploymentId: string, index: Awaited<ReturnType<typeof lagging>>, seconds: number) {
    const blind = withInterceptor(stage.deps, index.intercept)
    await cap(deploymentId, 1, blind)
    for (let passed = 0; passed < seconds; passed += 20) {
      stage.world.clock.pass(20)
      await sweep(blind)
    }
    return blind
  }
  const lagging = async () => {
    const index = laggingIndex(stage.deps.table)
    await index.catchUp()
    return index
  }

  it('keeps a first limit closed until all that the pool holds are found', async () => {
    const index = await lagging()
    const { deployment } = await busyDeployment(2)
    const blind = await capUnseen(deployment.id, index, 120)
    expect(await limitOf(deployment.id)).toMatchObject({ active: 0, paused: true })
    await index.catchUp()
    await countHolders(blind, deploymentLimit(deployment.id))
    expect(await limitOf(deployment.id)).toMatchObject({ active: 2, available: -1, paused: false })
    expect(await problems()).toEqual([])
  })

  it('does not keep it closed for ever, where the count of a pool is wrong', async () => {
    const { deployment } = await busyDeployment(1)
    await miscount(stage.deps.table, poolLimit(deployment.poolId ?? ''), 1)
    const index = await lagging()
    await capUnseen(deployment.id, index, 280)
    expect(await limitOf(deployment.id)).toMatchObject({ active: 1, paused: true })
    stage.world.clock.pass(40)
    expect(await sweep(stage.deps)).toMatchObject({ limitsOpened: 1 })
    expect(await limitOf(deployment.id)).toMatchObject({ active: 1, paused: false })
  })

  it('does not matter outside of pools, where a first claim creates the limit without a cap', async () => {
    const flowId = (await busyDeployment(0)).deployment.flowId
    const { deployment } = await saveDeployment(stage.deps, { flowId, name: 'served', change: {}, schedules: [] })
    const index = await lagging()
    const [first, second] = await createRuns(stage.deps, deployment, 2)
    await setState(stage.deps, first?.id ?? '', { type: 'RUNNING' })
    expect(await limitOf(deployment.id)).toMatchObject({ limit: null, active: 1, paused: false })
    const blind = withInterceptor(stage.deps, index.intercept)
    await cap(deployment.id, 1, blind)
    stage.world.clock.pass(3)
    await countHolders(blind, deploymentLimit(deployment.id))
    expect(await limitOf(deployment.id)).toMatchObject({ limit: 1, active: 1, available: 0, paused: false })
    expect(await setState(stage.deps, second?.id ?? '', { type: 'RUNNING' })).toMatchObject({
      verdict: { status: 'REJECT' },
    })
    await setState(stage.deps, first?.id ?? '', { type: 'COMPLETED' })
    expect(await limitOf(deployment.id)).toMatchObject({ active: 0, available: 1 })
    expect(await problems()).toEqual([])
  })
})

it('a holder that changes under the look still gets its slot before the limit opens', async () => {
  const { deployment, runs } = await busyDeployment(3)
  const [first] = runs
  let changes = 0
  const crossed = withInterceptor(stage.deps, async ({ name }, go) => {
    const adopts = name === 'dynamodb TransactWriteItemsCommand' && changes < 3
    if (adopts && (await getDeployment(stage.deps.table, deployment.id))?.concurrencyLimit === 1) {
      changes += 1
      await setState(stage.deps, first?.id ?? '', { type: changes % 2 === 1 ? 'PAUSED' : 'RUNNING' })
    }
    return await go()
  })
  await cap(deployment.id, 1, crossed)
  expect(changes).toBe(3)
  await deliverCounts(3)
  expect(await limitOf(deployment.id)).toMatchObject({ active: 3, paused: false })
  expect(await problems()).toEqual([])
})

it('what it costs does not depend on how many runs have ended', async () => {
  const { deployment: few, runs } = await busyDeployment(1)
  const pool = { id: few.poolId ?? '', name: 'pull' } as WorkPool
  const many = await commandDeployment(stage.deps, { pool, name: 'many' })
  const [held] = runs
  if (!held) throw new Error('no run')
  const ended = advance({ ...held, deploymentId: many.id, claim: null }, newState('COMPLETED', stage.world.clock.now()))
  await copyRun(stage.deps, ended, 1_000)
  const cost = async (id: string) => {
    let calls = 0
    let rows = 0
    const watched = withInterceptor(stage.deps, async <T>(_: unknown, go: () => Promise<T>) => {
      const answer = await go()
      calls += 1
      rows += (answer as { output?: { ScannedCount?: number } }).output?.ScannedCount ?? 0
      return answer
    })
    await cap(id, 5, watched)
    stage.world.clock.pass(3)
    await createDispatcher(watched)(sqsEvent(stage.world.counts.splice(0).map(wakeUpBody)))
    expect(await limitOf(id)).toMatchObject({ paused: false })
    return { calls, rows }
  }
  const cheap = await cost(many.id)
  const dear = await cost(few.id)
  expect(cheap.rows).toBe(dear.rows)
  expect(cheap.rows).toBeGreaterThan(0)
  // Without a holder there is none to read and to lend a slot to.
  expect(cheap.calls).toBeLessThan(dear.calls)
})

describe('a claim that was decided before the limit came', () => {
  /** Holds up the claim of the run until the limit has been introduced and the first look is done. */
  async function claimAcross(deploymentId: string, runId: string) {
    let introduced = false
    const slow = withInterceptor(stage.deps, async ({ name }, go) => {
      if (name === 'dynamodb TransactWriteItemsCommand' && !introduced) {
        introduced = true
        await cap(deploymentId, 1)
      }
      return await go()
    })
    const { verdict } = await setState(slow, runId, { type: 'PENDING' })
    expect(introduced).toBe(true)
    return verdict
  }
  const refused = {
    status: 'ABORT',
    reason:
      'The new concurrency limit of its deployment is still counting the runs that are held; it opens within seconds.',
  }

  it('is refused in each of 120 pools', async () => {
    const { deployment, waiting } = await busyDeployment(1, 'the-last')
    await Promise.all(
      Array.from({ length: 119 }, (_, n) => createWorkPool(stage.deps, { name: `pool-${n}`, type: 'process' })),
    )
    expect(await claimAcross(deployment.id, waiting.id)).toMatchObject(refused)
    await deliverCounts(3)
    expect(await limitOf(deployment.id)).toMatchObject({ active: 1, available: 0, paused: false })
    expect(await problems()).toEqual([])
  })

  it('is refused in a pool that was created at the same time', async () => {
    const { deployment } = await busyDeployment(1)
    const late = withInterceptor(stage.deps, async ({ name }, go) => {
      if (name === 'dynamodb TransactWriteItemsCommand')
        await createWorkPool(stage.deps, { name: 'new', type: 'process' }).catch(() => undefined)
      return await go()
    })
    await cap(deployment.id, 2, late)
    const pool = await readLimit(
      stage.deps,
      `pool#${(await createWorkPool(stage.deps, { name: 'newer', type: 'process' })).id}`,
    )
    expect(pool.epoch).toBe(0)
    const { limits } = await takeSnapshot(stage.deps.table)
    const epochs = await getLimits(
      stage.deps.table,
      limits.filter(({ key }) => key.startsWith('pool#')).map(({ key }) => key),
    )
    expect([...epochs.values()].map(({ epoch }) => epoch).toSorted((a, b) => a - b)).toEqual([0, 1, 1])
  })

  it('is refused outside of pools', async () => {
    const flowId = (await busyDeployment(0)).deployment.flowId
    const { deployment } = await saveDeployment(stage.deps, { flowId, name: 'served', change: {}, schedules: [] })
    const [held, waiting] = await createRuns(stage.deps, deployment, 2)
    await setState(stage.deps, held?.id ?? '', { type: 'RUNNING' })
    expect(await claimAcross(deployment.id, waiting?.id ?? '')).toMatchObject(refused)
    await deliverCounts(3)
    expect(await limitOf(deployment.id)).toMatchObject({ active: 1, available: 0, paused: false })
    expect((await readRun(stage.deps, waiting?.id ?? '')).state.type).toBe('SCHEDULED')
  })
})

it('a deployment that is deleted while its limit counts, and created again, has the right count', async () => {
  const { deployment } = await busyDeployment(2)
  await cap(deployment.id, 1)
  await deleteDeployment(stage.deps, deployment.id)
  await deliverCounts(3)
  expect(await limitOf(deployment.id)).toMatchObject({ active: 2, paused: false })
  expect(await problems()).toEqual([])
})

it('a deployment created again with a first limit counts what its predecessor holds, and opens within 5 s', async () => {
  const flowId = (await busyDeployment(0)).deployment.flowId
  const save = (concurrencyLimit: number | null) => {
    const change = { poolName: 'pull', concurrencyLimit }
    return saveDeployment(stage.deps, { flowId, name: 'again', change, schedules: [] })
  }
  const { deployment } = await save(null)
  const [held] = await createRuns(stage.deps, deployment, 1)
  await setState(stage.deps, held?.id ?? '', { type: 'RUNNING' })
  await deleteDeployment(stage.deps, deployment.id)
  await save(1)
  expect(await limitOf(deployment.id)).toMatchObject({ limit: 1, paused: true })
  await deliverCounts(3)
  expect(await limitOf(deployment.id)).toMatchObject({ active: 1, available: 0, paused: false })
  // Once more, without a limit: what it says is what counts.
  await deleteDeployment(stage.deps, deployment.id)
  await save(null)
  expect(await limitOf(deployment.id)).toMatchObject({ limit: null, active: 1, paused: false })
})

it('a run that is due meanwhile waits with words that stay true, and starts when the limit opens', async () => {
  const { deps, world } = stage
  const push = await pushPool(deps)
  await createRuns(deps, push.deployment, 1)
  await dispatchPool(deps, push.pool.id, NO_DEADLINE)
  await cap(push.deployment.id, 5)
  const [due] = await createRuns(deps, push.deployment, 1)
  await dispatchPool(deps, push.pool.id, NO_DEADLINE)
  expect((await readRun(deps, due?.id ?? '')).state).toMatchObject({
    name: 'AwaitingConcurrencySlot',
    message:
      "When the run's turn came, the new concurrency limit of its deployment was counting the runs that are held.",
  })
  expect(await explainRun(deps, due?.id ?? '')).toMatchObject({
    reason: 'counting',
    message: expect.stringContaining('is still counting the runs that are held') as unknown,
  })
  world.sent.splice(0)
  await deliverCounts(3)
  await createDispatcher(deps)(sqsEvent(world.sent.map(wakeUpBody)))
  expect((await readRun(deps, due?.id ?? '')).state.type).toBe('PENDING')
  expect(await limitOf(push.deployment.id)).toMatchObject({ active: 2, available: 3 })
})
