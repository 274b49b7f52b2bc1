import type { QueryCommandInput } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { listBusyPools } from '#shared/engine/limit/list-busy-pools.ts'
import { listPoolHolders } from '#shared/engine/limit/list-pool-holders.ts'
import { listSlotHolders } from '#shared/engine/limit/list-slot-holders.ts'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { deleteWorkPool } from '#shared/engine/work-pool/delete-work-pool.ts'
import { activePhase } from '#shared/flow-run/phase.ts'
import { deploymentLimit, poolLimit } from '#shared/limit/limit.ts'
import { toItem } from '#shared/storage/dynamo/expression.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { laggingIndex } from '../../support/faults/lagging-index.ts'
import { withPagesOf } from '../../support/faults/small-pages.ts'
import { aClaim, heldIn } from '../../support/fixtures/a-run.ts'
import { commandDeployment, createRuns } from '../../support/fixtures/fixtures.ts'
import { putRuns } from '../../support/fixtures/many-runs.ts'
import { miscount } from '../../support/fixtures/miscount.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let pool: WorkPool
let deployment: Deployment
let held: string
beforeEach(async () => {
  world = await openWorld()
  pool = await createWorkPool(world, { name: 'pull', type: 'process' })
  deployment = await commandDeployment(world, { pool })
  held = await hold()
})
afterEach(() => world.close())

/** A worker holds another run. */
async function hold(of = deployment): Promise<string> {
  const [run] = await createRuns(world, of, 1)
  await setState(world, run?.id ?? '', { type: 'RUNNING' })
  return run?.id ?? ''
}
const holders = async (deps: Deps = world, poolId = pool.id) => {
  const { holders: found, complete } = await listPoolHolders(deps, poolId, deployment.id)
  return { ids: found.map(({ id }) => id), complete }
}
/** Something happens each time that the runs of the pool have been listed, or only so often. */
const whileRead = (act: () => Promise<unknown>, times = Infinity): { deps: Deps; looks: () => number } => {
  let looks = 0
  const deps = withInterceptor(world, async ({ name }, go) => {
    const answer = await go()
    if (name !== 'dynamodb QueryCommand') return answer
    looks += 1
    if (looks <= times) await act()
    return answer
  })
  return { deps, looks: () => looks }
}

describe('the holders of a pool', () => {
  it('are the runs of any deployment that hold a slot of it, and are all where as many are counted', async () => {
    const other = await hold(await commandDeployment(world, { pool, name: 'other' }))
    const { ids, complete } = await holders()
    expect([new Set(ids), complete]).toEqual([new Set([held, other]), true])
    await miscount(world.table, poolLimit(pool.id), 1)
    expect((await holders()).complete).toBe(false)
    await miscount(world.table, poolLimit(pool.id), -2)
    expect((await holders()).complete).toBe(false)
  })

  it('are none that the index still shows, or that hold slots of other limits alone', async () => {
    const ended = await hold()
    const index = laggingIndex(world.table)
    await index.catchUp()
    await setState(world, ended, { type: 'COMPLETED' })
    const slots = [deploymentLimit('d')]
    await putRuns(world, [heldIn('RUNNING', aClaim({ slots }), { id: 'elsewhere', poolId: pool.id })])
    expect(await holders(withInterceptor(world, index.intercept))).toEqual({ ids: [held], complete: true })
    expect(await holders()).toEqual({ ids: [held], complete: true })
  })

  it('are read again where a slot moved, until that happens too often', async () => {
    const once = whileRead(() => hold(), 1)
    const first = await holders(once.deps)
    expect([first.ids.length, first.complete, once.looks()]).toEqual([2, true, 2])
    const always = whileRead(() => hold())
    expect([(await holders(always.deps)).complete, always.looks()]).toEqual([false, 3])
  })

  it('are not proven to be all where as many came as went', async () => {
    const swap = async () => {
      await hold()
      await setState(world, held, { type: 'COMPLETED' })
    }
    const { deps, looks } = whileRead(swap, 1)
    expect([(await holders(deps)).ids.length, looks()]).toEqual([1, 2])
  })

  it('are those of one deployment alone, unproven, where they are very many', async () => {
    const foreign = { life: '', generation: 0, deploymentId: 'e', phaseSort: '1' }
    const others = Array.from({ length: 5_000 }, (_, n) => toItem({ ...foreign, pk: `run#${n}` }))
    const calls: string[] = []
    const crowded = withInterceptor(
      world,
      async <T>({ name, input }: { name: string; input: unknown }, go: () => Promise<T>) => {
        calls.push(name)
        const answer = (await go()) as { output: { Items?: object[] } }
        const { ExpressionAttributeValues: values = {} } = input as QueryCommandInput
        if (values[':phase']?.S === activePhase(pool.id)) {
          answer.output.Items = [...(answer.output.Items ?? []), ...others]
        }
        return answer as T
      },
    )
    expect(await holders(crowded)).toEqual({ ids: [held], complete: false })
    expect(calls.filter((name) => name === 'dynamodb QueryCommand')).toHaveLength(1)
    expect(calls.filter((name) => name === 'dynamodb BatchGetItemCommand')).toHaveLength(3)
  })

  it('are not proven in a pool that is gone', async () => {
    await setState(world, held, { type: 'COMPLETED' })
    await deleteWorkPool(world, 'pull')
    expect(await holders()).toEqual({ ids: [], complete: false })
  })
})

it('pools are busy that count a holder, and that are not gone', async () => {
  await createWorkPool(world, { name: 'idle', type: 'process' })
  const gone = await createWorkPool(world, { name: 'gone', type: 'process' })
  await deleteWorkPool(world, 'gone')
  expect(await listBusyPools(world)).toEqual([pool.id])
  await setState(world, held, { type: 'COMPLETED' })
  expect(await listBusyPools(world)).toEqual([])
  expect(gone.id).not.toBe(pool.id)
})

describe('the holders of queues', () => {
  const { queues, of } = {
    queues: ['queue-a', 'queue-b'],
    of: (queueId: string, n: number) =>
      putRuns(
        world,
        Array.from({ length: n }, (_, at) => {
          return heldIn('RUNNING', aClaim({ leaseUntil: at }), { id: `${queueId}/${at}`, poolId: pool.id, queueId })
        }),
      ),
  }
  const list = async (range: { offset?: number; perQueue: number }, deps: Deps = world) => {
    const found = await listSlotHolders(deps, pool.id, queues, range)
    return queues.map((queueId) => found.get(queueId)?.map(({ id }) => id))
  }
  beforeEach(async () => {
    await of('queue-a', 3)
    await of('queue-b', 2)
    await of('queue-c', 1)
  })

  it('are shown queue by queue, some of each, from an offset on', async () => {
    const [a, b] = [
      ['queue-a/0', 'queue-a/1'],
      ['queue-b/0', 'queue-b/1'],
    ]
    expect(await list({ perQueue: 2 })).toEqual([a, b])
    expect(await list({ offset: 1, perQueue: 1 })).toEqual([['queue-a/1'], ['queue-b/1']])
    expect(await list({ offset: 2, perQueue: 9 })).toEqual([['queue-a/2'], undefined])
  })

  it('are looked for page by page, until there are enough of each', async () => {
    const pages: number[] = []
    const watched = withInterceptor(withPagesOf(world, 1), async ({ name }, go) => {
      if (name === 'dynamodb QueryCommand') pages.push(1)
      return await go()
    })
    expect(await list({ perQueue: 9 }, watched)).toEqual([
      ['queue-a/0', 'queue-a/1', 'queue-a/2'],
      ['queue-b/0', 'queue-b/1'],
    ])
    pages.splice(0)
    expect(await list({ perQueue: 1 }, watched)).toEqual([['queue-a/0'], ['queue-b/0']])
    expect(pages.length).toBeLessThan(6)
  })
})
