import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { batchDelete } from '#shared/storage/dynamo/batch-delete.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { LeftUnprocessed } from '#shared/storage/dynamo/left-unprocessed.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { putAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { changesNothing } from '../../support/table-items.ts'
import { openWorld, type World } from '../../support/world.ts'

/** The waits between tries, in milliseconds; none takes any time here. */
const waits = vi.hoisted(() => [] as number[])
vi.mock('node:timers/promises', async (load) => ({
  ...(await load<typeof import('node:timers/promises')>()),
  setTimeout: (milliseconds: number) => {
    waits.push(milliseconds)
    return Promise.resolve()
  },
}))

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
beforeEach(() => {
  waits.length = 0
})

/** A table whose answers to the first requests are these, in place of its own, and which counts requests. */
function answering(answerOf: (input: object, number: number) => object | Error | undefined) {
  const asked = { requests: 0 }
  const { table } = withInterceptor(world, async <T>({ input }: { input: unknown }, go: () => Promise<T>) => {
    asked.requests += 1
    const answer = answerOf(input as object, asked.requests)
    if (answer instanceof Error) throw answer
    return answer === undefined ? await go() : ({ output: answer } as T)
  })
  return { table, asked }
}

describe('a batch that DynamoDB has no room for', () => {
  const KEYS = [1, 2, 3].map((n) => ({ pk: 'tries', sk: String(n) }))
  const REQUESTS: [string, (table: Table) => Promise<unknown>][] = [
    ['is read', (table) => batchGet(table, KEYS)],
    ['is removed', (table) => batchDelete(table, KEYS)],
  ]

  it.each(REQUESTS)('%s in eight tries at most, each after twice the wait', async (_, request) => {
    const { table, asked } = answering((input) => {
      const { RequestItems } = input as { RequestItems: object }
      return { UnprocessedKeys: RequestItems, UnprocessedItems: RequestItems }
    })
    const failure = await request(table).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(LeftUnprocessed)
    expect(failure).toMatchObject({ name: 'LeftUnprocessed', message: expect.stringContaining('3 of them') })
    expect(asked.requests).toBe(8)
    expect(waits).toEqual([80, 160, 320, 640, 1280, 2560, 5120])
  })

  it.each(REQUESTS)('%s at once where nothing is left', async (_, request) => {
    const { table, asked } = answering(() => undefined)
    await request(table)
    expect(asked.requests).toBe(1)
    expect(waits).toEqual([])
  })

  it('is nothing read where the answer has no part of this table', async () => {
    const { table } = answering(() => ({}))
    expect(await batchGet(table, KEYS)).toEqual([])
  })
})

describe('a transaction', () => {
  const refusal = (...codes: string[]) =>
    new TransactionCanceledException({
      message: 'cancelled',
      CancellationReasons: codes.map((Code) => ({ Code })),
      $metadata: {},
    })
  const writeTo = (table: Table) => transact(table, [putAction(table, { pk: 'tries', sk: 'written' })])

  it('in the way of others is tried six times, after waits within bounds that grow', async () => {
    const { table, asked } = answering(() => refusal('None', 'TransactionConflict', 'ThrottlingError'))
    await expect(changesNothing(world.table, () => writeTo(table))).rejects.toThrow(TransactionRefused)
    expect(asked.requests).toBe(6)
    expect(waits).toHaveLength(5)
    expect(waits.every((wait, at) => wait >= 0 && wait <= Math.min(500, 20 * 2 ** (at + 1)))).toBe(true)
  })

  it('waits for half a second at most, however often it was tried', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1)
    const { table } = answering(() => refusal('TransactionConflict'))
    await expect(writeTo(table)).rejects.toThrow('TransactionConflict')
    expect(waits).toEqual([40, 80, 160, 320, 500])
    vi.restoreAllMocks()
  })

  it.each([
    ['one of its conditions failed', ['TransactionConflict', 'ConditionalCheckFailed']],
    ['nobody says why', []],
  ])('is refused at once where %s', async (_, codes) => {
    const { table, asked } = answering(() => refusal(...codes))
    const failure = await writeTo(table).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(TransactionRefused)
    expect([1, 7].map((at) => (failure as TransactionRefused).failedAt(at))).toEqual([codes.length > 0, false])
    expect(asked.requests).toBe(1)
  })

  it('goes through once nobody is in the way', async () => {
    const { table, asked } = answering((_, number) => (number < 3 ? refusal('TransactionConflict') : undefined))
    await writeTo(table)
    expect(asked.requests).toBe(3)
  })
})
