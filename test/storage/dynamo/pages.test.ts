import type { BatchGetItemCommandInput, BatchWriteItemCommandInput } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { batchDelete } from '#shared/storage/dynamo/batch-delete.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { isReachable } from '#shared/storage/dynamo/is-reachable.ts'
import { decodeJsonItem } from '#shared/storage/dynamo/json-item.ts'
import { mergeSorted } from '#shared/storage/dynamo/merge-sorted.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { getSizedRuns } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listRunInputs } from '#shared/storage/flow-run/list-run-inputs.ts'
import { putRunInput } from '#shared/storage/flow-run/put-run-input.ts'
import { listLeases } from '#shared/storage/limit/get-leases.ts'
import { takeSlots } from '#shared/storage/limit/move-slots.ts'
import { collect } from '../../support/collect.ts'
import { answerLost, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aRun, at, LIFE, someDetails, T0 } from '../../support/fixtures/a-run.ts'
import { changesNothing, putItem } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

let pk: string
beforeEach(() => {
  pk = world.ids.uuid()
})
const keysOf = (count: number) => Array.from({ length: count }, (_, n) => ({ pk, sk: String(n).padStart(3, '0') }))
async function put(count: number, padding = '') {
  const keys = keysOf(count)
  for (const key of keys) await putItem(world.table, { ...key, padding })
  return keys
}
const all = (request: Partial<Parameters<typeof queryAll>[1]> = {}, table = world.table) =>
  queryAll(table, { keyCondition: '#pk = :pk', values: { pk }, ...request })

/** A table whose first answer to a command leaves all of it unprocessed. */
function busyOnce(command: string) {
  let asked = 0
  const { table } = withInterceptor(world, async ({ name, input }, go) => {
    if (name !== `dynamodb ${command}`) return await go()
    asked += 1
    if (asked > 1) return await go()
    const { RequestItems } = input as BatchGetItemCommandInput & BatchWriteItemCommandInput
    const output = { Responses: {}, UnprocessedKeys: RequestItems, UnprocessedItems: RequestItems, $metadata: {} }
    return { response: {}, output } as Awaited<ReturnType<typeof go>>
  })
  return { table, asked: () => asked }
}

describe('items by key', () => {
  it('are read and removed in as many requests as it takes', async () => {
    const keys = await put(101)
    expect(await batchGet(world.table, keys)).toHaveLength(101)
    await batchDelete(world.table, keys)
    expect(await all()).toEqual([])
  })

  it('are read as projected', async () => {
    const keys = await put(2, 'padding')
    const read = await batchGet(world.table, keys, true, '#sk')
    expect(read.toSorted((a, b) => Number(a.sk) - Number(b.sk))).toEqual([{ sk: '000' }, { sk: '001' }])
  })

  it('that DynamoDB had no room for are asked for again', async () => {
    const keys = await put(2)
    const get = busyOnce('BatchGetItemCommand')
    expect(await batchGet(get.table, keys)).toHaveLength(2)
    const remove = busyOnce('BatchWriteItemCommand')
    await batchDelete(remove.table, keys)
    expect(await all()).toEqual([])
    expect([get.asked(), remove.asked()]).toEqual([2, 2])
  })

  it('come in any order, which no list relies on', async () => {
    const { table } = withInterceptor(world, async ({ name }, go) => {
      const answer = await go()
      if (name !== 'dynamodb BatchGetItemCommand') return answer
      const { output } = answer as { output: { Responses: Record<string, unknown[]> } }
      const turned = Object.entries(output.Responses).map(([each, items]) => [each, items.toReversed()])
      return { ...answer, output: { ...output, Responses: Object.fromEntries(turned) } }
    })
    const ids = ['a', 'b', 'c']
    const details = someDetails({ parameters: { text: 'x'.repeat(400_000) } })
    const run = { id: pk, life: LIFE }
    for (const [n, id] of ids.entries()) {
      await createRun(world.table, aRun({ id: pk + id, details }))
      const lease = { id: pk + id, slots: 0, limits: [], holder: null, until: at(n), created: T0 }
      await takeSlots(world.table, { limits: [], slots: 0, lease, now: T0 })
      await putRunInput(world.table, LIFE, { runId: pk, key: id, value: '1', sender: null, created: at(n) })
    }
    const mine = ids.map((id) => pk + id)
    const runs = await getRuns(table, mine)
    expect(runs.map(({ id }) => id)).toEqual(mine)
    expect(runs[0]?.details).toEqual(details)
    expect((await collect(getSizedRuns(table, mine))).flat().map(({ run: { id } }) => id)).toEqual(mine)
    expect((await listLeases(table, 100)).map(({ id }) => id)).toEqual(mine)
    const inputs = await listRunInputs(table, { run, prefix: '', limit: 9, exclude: [] })
    expect(inputs.map(({ key }) => key)).toEqual(ids)
  })

  it('are removed where the conditions hold', async () => {
    const [key] = await put(1, 'a')
    if (!key) throw new Error('no key')
    const same = (padding: string) => ({ condition: '#padding = :padding', values: { padding } })
    expect(await changesNothing(world.table, () => deleteItem(world.table, key, same('b')))).toBe(false)
    expect(await deleteItem(world.table, key, same('a'))).toBe(true)
    expect(await deleteItem(world.table, key)).toBe(false)
  })
})

it('a table is reachable while it answers', async () => {
  expect(await isReachable(world.table)).toBe(true)
  const silent = withInterceptor(world, ({ name }) => Promise.reject(answerLost(name)))
  expect(await isReachable(silent.table)).toBe(false)
})

describe('a thing that is kept as JSON', () => {
  it('is written as new, then on what was read', async () => {
    const key = { pk, sk: 'thing' }
    const thing = { id: 'thing', updated: 1, value: [1e300, null] }
    const write = (of: typeof thing, before?: typeof thing) => putJsonItem(world.table, key, of, before)
    expect(await write(thing)).toBe(true)
    expect(await changesNothing(world.table, () => write(thing))).toBe(false)
    const changed = { ...thing, updated: 2, value: [2] }
    expect(await write(changed, thing)).toBe(true)
    expect(await changesNothing(world.table, () => write(changed, thing))).toBe(false)
    expect(decodeJsonItem((await getItem(world.table, key)) ?? {})).toEqual(changed)
  })
})

describe('a key range', () => {
  it('is read whole, or up to a number of items, in no more requests than that takes', async () => {
    await put(7, 'x'.repeat(300_000))
    let asked = 0
    const { table } = withInterceptor(world, async (_call, go) => {
      asked += 1
      return await go()
    })
    const sorts = async (limit?: number) => (await all({ limit }, table)).map(({ sk }) => Number(sk))
    expect(await sorts()).toEqual([0, 1, 2, 3, 4, 5, 6])
    asked = 0
    expect(await sorts(5)).toEqual([0, 1, 2, 3, 4])
    expect(asked).toBe(2)
    asked = 0
    expect(await sorts(2)).toEqual([0, 1])
    expect(asked).toBe(1)
  })
})

describe('sorted sequences', () => {
  async function* sequence(values: readonly number[], read: number[] = []) {
    for (const value of values) {
      read.push(value)
      yield await Promise.resolve(value)
    }
  }

  it('are merged into one, each read only as far as needed', async () => {
    const read: number[] = []
    const sources = [sequence([1, 4, 9], read), sequence([]), sequence([2, 3, 5])]
    const merged = mergeSorted(sources, (a, b) => a - b)
    const first: number[] = []
    for await (const value of merged) {
      first.push(value)
      if (value === 3) break
    }
    expect([first, read]).toEqual([
      [1, 2, 3],
      [1, 4],
    ])
    const whole = mergeSorted([sequence([3]), sequence([1, 1]), sequence([2])], (a, b) => a - b)
    expect(await collect(whole)).toEqual([1, 1, 2, 3])
  })
})
