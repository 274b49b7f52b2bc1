import { TransactionCanceledException, type TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deps } from '#shared/deps.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { updateFlowRun } from '#shared/engine/flow-run/update-flow-run.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { type Instant, NEVER } from '#shared/instant.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { markDeploymentDeleting } from '#shared/storage/deployment/delete-deployment.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { deploymentKey } from '#shared/storage/dynamo/table.ts'
import { answerLost, startProcess, withInterceptor } from '../../support/faults/faulty-calls.ts'
import {
  commandDeployment,
  createRuns,
  inSeconds,
  type PushPool,
  pushPool,
  readRun,
} from '../../support/fixtures/fixtures.ts'
import { miscount } from '../../support/fixtures/miscount.ts'
import { setLimit } from '../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let push: PushPool
let waiting: FlowRun[]
beforeAll(async () => {
  world = await openWorld()
  push = await pushPool(world, { name: 'claims', queueLimit: 10 })
  waiting = await createRuns(world, push.deployment, 6)
})
afterAll(() => world.close())

const withoutDeployment = async () => {
  const { flowId } = push.deployment
  const { run } = await createFlowRun(world, { flowId, state: { type: 'SCHEDULED', details: {} } })
  return run
}
const nextRun = () => {
  const run = waiting.pop()
  if (!run) throw new Error('no run left')
  return run
}

it('a claim returns the run as it is stored', async () => {
  const { id } = nextRun()
  const { verdict, run } = await setState(world, id, {
    type: 'PENDING',
    message: 'mine',
    details: { transitionId: 't' },
  })
  expect(verdict.status).toBe('ACCEPT')
  expect(run).toEqual(await readRun(world, id))
})

it('a claim whose response was lost returns the run as it is stored', async () => {
  const { id } = nextRun()
  const faulty = withInterceptor(world, async (call, go) => {
    const answer = await go()
    if (call.name === 'dynamodb TransactWriteItemsCommand') throw answerLost(call.name)
    return answer
  })
  const { verdict, run } = await setState(faulty, id, { type: 'PENDING' })
  expect(verdict.status).toBe('ACCEPT')
  expect(run).toEqual(await readRun(world, id))
})

it('a claim of a run that changes concurrently returns the change', async () => {
  const { id } = nextRun()
  let changes = 0
  const crossed = withInterceptor(world, async (call, go) => {
    if (call.name === 'dynamodb TransactWriteItemsCommand' && changes === 0) {
      changes += 1
      await updateFlowRun(world, id, { details: { tags: ['changed'] }, policy: {} })
    }
    return await go()
  })
  const { run } = await setState(crossed, id, { type: 'PENDING' })
  expect(run).toEqual(await readRun(world, id))
  expect(run).toMatchObject({ details: { tags: ['changed'] }, state: { type: 'PENDING' }, generation: 1 })
})

it('a claim is written down with its time and without an end, in the log as well', async () => {
  const { id } = nextRun()
  const { wrote, verdict } = await setState(world, id, { type: 'PENDING' })
  const { claim, state } = await readRun(world, id)
  expect(claim).toMatchObject({ by: { kind: 'client', name: null }, at: state.timestamp, leaseUntil: NEVER })
  expect([wrote, verdict]).toEqual([true, { status: 'ACCEPT', state }])
  expect(world.logged).toContainEqual({
    level: 'info',
    message: 'flow run claimed by a client',
    fields: { runId: id, generation: 1 },
  })
})

it('a run of no deployment, in no pool, holds nothing by its claim', async () => {
  const { id } = await withoutDeployment()
  const { run, verdict } = await setState(world, id, { type: 'PENDING' })
  expect([verdict.status, run.claim?.slots]).toEqual(['ACCEPT', []])
})

it('a claim that never reached the table is not taken for one', async () => {
  const { id } = nextRun()
  const faulty = withInterceptor(world, async (call, go) => {
    if (call.name === 'dynamodb TransactWriteItemsCommand') throw answerLost(call.name)
    return await go()
  })
  await expect(setState(faulty, id, { type: 'PENDING' })).rejects.toThrow('no answer')
  expect(await readRun(world, id)).toMatchObject({ state: { type: 'SCHEDULED' }, claim: null })
})

it("a claim that was carried out twice, its first answer being lost, is the client's", async () => {
  const { id } = nextRun()
  const repeated = withInterceptor(world, async (call, go) => {
    if (call.name === 'dynamodb TransactWriteItemsCommand') await go()
    return await go()
  })
  expect((await setState(repeated, id, { type: 'PENDING' })).verdict.status).toBe('ACCEPT')
  expect(await readRun(world, id)).toMatchObject({ state: { type: 'PENDING' }, generation: 1 })
})

describe('a run for which there is no room', () => {
  /** A deployment whose limit is full, and a run of it. */
  async function full(name: string, rest: Partial<Parameters<typeof commandDeployment>[1]> = {}, due?: Instant) {
    const deployment = await commandDeployment(world, { pool: push.pool, name, concurrencyLimit: 1, ...rest })
    const [run] = await createRuns(world, deployment, 1, due)
    const key = deploymentLimit(deployment.id)
    const close = (limit = 0) => setLimit(world.table, key, limit)
    await miscount(world.table, key, 1)
    return { deployment, key, close, id: run?.id ?? '' }
  }
  const propose = (id: string, deps: Deps = world) => setState(deps, id, { type: 'PENDING' })

  it('waits for its limit, and the answer says what it waits for', async () => {
    const { id, key } = await full('waits')
    const { verdict, run, wrote } = await propose(id)
    const reason = 'Deployment concurrency limit reached.'
    expect(verdict).toEqual({ status: 'REJECT', state: run.state, reason, written: true })
    expect([wrote, run]).toEqual([true, await readRun(world, id)])
    expect(run).toMatchObject({ blockedBy: key, state: { type: 'SCHEDULED', name: 'AwaitingConcurrencySlot' } })
  })

  it('is cancelled by CANCEL_NEW once it is due, and left where it is before that', async () => {
    const collisionStrategy = 'CANCEL_NEW'
    const due = inSeconds(world, 600)
    const { id, close } = await full('cancels', { collisionStrategy }, due)
    await close()
    const early = await propose(id)
    expect(early).toMatchObject({ verdict: { status: 'ABORT' }, wrote: false, run: { state: { type: 'SCHEDULED' } } })
    const words = expect.stringMatching(/^The concurrency limit of its deployment is reached/) as string
    expect(early.verdict).toMatchObject({ reason: words })
    world.clock.pass(601)
    const late = await propose(id)
    expect(late).toMatchObject({ verdict: { status: 'REJECT' }, run: { state: { type: 'CANCELLED' } } })
  })

  it('is not parked under a limit of none, which would never let it start', async () => {
    const { id, close } = await full('none')
    await close()
    const { verdict, wrote } = await propose(id)
    expect(verdict).toMatchObject({ status: 'ABORT', reason: expect.stringMatching(/will deadlock/) as string })
    expect([wrote, (await readRun(world, id)).blockedBy]).toEqual([false, null])
  })

  it('stays where it is when its pool is in the way, with the reason, and costs no read of the run', async () => {
    const closed = await pushPool(world, { name: 'closed', poolLimit: 0 })
    const [run] = await createRuns(world, closed.deployment, 1)
    const { deps, trace } = startProcess(world)
    const { verdict, wrote, run: answered } = await propose(run?.id ?? '', deps)
    expect(verdict).toMatchObject({ status: 'ABORT', reason: expect.stringMatching(/work pool 'closed'/) as string })
    expect([wrote, answered]).toEqual([false, await readRun(world, run?.id ?? '')])
    const after = trace.slice(trace.indexOf('dynamodb TransactWriteItemsCommand') + 1)
    expect(after[0]).toBe('dynamodb BatchGetItemCommand')
  })

  it('is claimed after all when room comes while it is refused', async () => {
    const { id, close } = await full('opens')
    let claims = 0
    const late = withInterceptor(world, async ({ name }, go) => {
      try {
        return await go()
      } finally {
        if (name === 'dynamodb TransactWriteItemsCommand') {
          claims += 1
          await close(2)
        }
      }
    })
    expect((await propose(id, late)).verdict.status).toBe('ACCEPT')
    expect(claims).toBe(2)
  })

  it('is claimed after all when others were only in the way', async () => {
    const { id } = await withoutDeployment()
    let tries = 0
    const contended = withInterceptor(world, async ({ name, input }, go) => {
      if (name !== 'dynamodb TransactWriteItemsCommand' || ++tries > 6) return await go()
      const { TransactItems: items = [] } = input as TransactWriteItemsCommandInput
      const CancellationReasons = items.map(() => ({ Code: 'TransactionConflict' }))
      throw new TransactionCanceledException({ message: 'conflict', $metadata: {}, CancellationReasons })
    })
    expect((await propose(id, contended)).verdict.status).toBe('ACCEPT')
    expect(tries).toBe(7)
  })
})

describe('a run whose deployment is deleted, and that its deletion has not come to', () => {
  it.each(['going', 'gone'])('is cancelled instead: %s', async (how) => {
    const deployment = await commandDeployment(world, { pool: push.pool, name: how })
    const [run] = await createRuns(world, deployment, 1)
    if (how === 'gone') await deleteItem(world.table, deploymentKey(deployment.id))
    else await markDeploymentDeleting(world.table, deployment, world.clock.now())
    const { verdict, run: answered, wrote } = await setState(world, run?.id ?? '', { type: 'PENDING' })
    const reason = 'The deployment of the run was deleted.'
    expect(verdict).toEqual({ status: 'REJECT', state: answered.state, reason, written: true })
    expect([wrote, answered]).toEqual([true, await readRun(world, run?.id ?? '')])
    expect(answered.state).toMatchObject({ type: 'CANCELLED', message: reason })
  })

  it('and that changes at this very moment, is decided again', async () => {
    const deployment = await commandDeployment(world, { pool: push.pool, name: 'crossed' })
    const [run] = await createRuns(world, deployment, 1)
    await markDeploymentDeleting(world.table, deployment, world.clock.now())
    let writes = 0
    const crossed = withInterceptor(world, async ({ name }, go) => {
      if (name === 'dynamodb PutItemCommand' && ++writes === 1) {
        await updateFlowRun(world, run?.id ?? '', { details: { tags: ['changed'] }, policy: {} })
      }
      return await go()
    })
    const { run: answered } = await setState(crossed, run?.id ?? '', { type: 'PENDING' })
    expect(answered).toMatchObject({ state: { type: 'CANCELLED' }, details: { tags: ['changed'] } })
  })
})
