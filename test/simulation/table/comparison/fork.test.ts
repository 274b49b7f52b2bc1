import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { toItem } from '#shared/storage/dynamo/expression.ts'
import { MemoryTable } from '../memory-table.ts'
import { outcomeOf } from './outcome.ts'
import { programs, type Request, TABLE_NAME } from './requests.ts'
import { memoryContents } from './table-contents.ts'

async function run(table: MemoryTable, program: readonly Request[]): Promise<void> {
  for (const request of program) await outcomeOf(table, request)
}

it('goes its own way from where it was made, as does the table it was made of', async () => {
  await fc.assert(
    fc.asyncProperty(programs, programs, programs, async (before, one, other) => {
      const table = new MemoryTable(TABLE_NAME)
      table.holdsBack = ({ key }) => key.sk === 'x'
      await run(table, before)
      const fork = table.fork()
      expect(memoryContents(fork)).toEqual(memoryContents(table))
      expect(fork.behind).toBe(table.behind)
      fork.holdsBack = ({ key }) => key.sk === 'x'
      await run(table, one)
      await run(fork, other)
      for (const [forked, after] of [
        [table, one],
        [fork, other],
      ] as const) {
        const alone = new MemoryTable(TABLE_NAME)
        alone.holdsBack = ({ key }) => key.sk === 'x'
        await run(alone, [...before, ...after])
        expect(memoryContents(forked)).toEqual(memoryContents(alone))
        expect([...forked.consumed]).toEqual([...alone.consumed])
        forked.catchUp()
        alone.catchUp()
        expect(memoryContents(forked)).toEqual(memoryContents(alone))
      }
    }),
    { numRuns: 60 },
  )
})

it('holds nothing back by itself', async () => {
  const table = new MemoryTable(TABLE_NAME)
  table.holdsBack = () => true
  const fork = table.fork()
  const item = { pk: 'run', sk: 'run', phase: 'ready', phaseSort: '1' }
  await fork.client.send(new PutItemCommand({ TableName: TABLE_NAME, Item: toItem(item) }))
  expect([fork.behind, [...fork.indexRows('phase')].length]).toEqual([0, 1])
})

it('stores and returns items that nobody else can change', async () => {
  const table = new MemoryTable(TABLE_NAME)
  const item = {
    pk: { S: 'a' },
    sk: { S: 'x' },
    state: { M: { t: { S: 'SCHEDULED' }, at: { L: [{ N: '1' }] } } },
    tags: { SS: ['a', 'b'] },
    json: { B: Uint8Array.from([1, 2]) },
  }
  const stored = structuredClone(item)
  await table.client.send(new PutItemCommand({ TableName: TABLE_NAME, Item: item }))
  item.state.M.t.S = 'changed'
  item.tags.SS.push('c')
  item.json.B[0] = 9
  const read = async () => {
    const { Item } = await table.client.send(
      new GetItemCommand({ TableName: TABLE_NAME, Key: { pk: item.pk, sk: item.sk } }),
    )
    return Item as typeof item
  }
  const first = await read()
  expect(first).toEqual(stored)
  expect(() => Object.assign(first.state.M.t, { S: 'changed' })).toThrow(TypeError)
  expect(() => Object.assign(first.state.M, { t: { S: 'changed' } })).toThrow(TypeError)
  expect(() => first.state.M.at.L.push({ N: '2' })).toThrow(TypeError)
  expect(() => first.tags.SS.push('c')).toThrow(TypeError)
  first.json.B[0] = 9
  expect(await read()).toEqual(stored)
  expect([...table.items()]).toEqual([stored])
})
