import { DeleteItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { express, toItem } from '#shared/storage/dynamo/expression.ts'
import type { IndexChange } from '../lagging-rows.ts'
import { MemoryTable } from '../memory-table.ts'
import { outcomeOf } from './outcome.ts'
import { programs, TABLE_NAME } from './requests.ts'
import { memoryContents } from './table-contents.ts'

const moved = (sk: string, phase: string, generation: number) => ({ pk: 'run', sk, phase, phaseSort: sk, generation })

async function put(table: MemoryTable, item: Record<string, unknown>): Promise<void> {
  await table.client.send(new PutItemCommand({ TableName: table.name, Item: toItem(item) }))
}

/** The items that a read of a phase finds, with their generations. */
async function found(table: MemoryTable, phase: string): Promise<string[]> {
  const key = express({ keyCondition: '#phase = :phase', values: { phase } })
  const { Items = [] } = await table.client.send(
    new QueryCommand({ TableName: table.name, IndexName: 'phase', ...key }),
  )
  return Items.map(({ sk, generation }) => `${sk?.S} ${generation?.N}`)
}

it('shows each change at once when nothing is held back', async () => {
  const table = new MemoryTable(TABLE_NAME)
  await put(table, moved('a', 'ready', 1))
  expect(await found(table, 'ready')).toEqual(['a 1'])
  await put(table, moved('a', 'active', 2))
  expect([await found(table, 'ready'), await found(table, 'active')]).toEqual([[], ['a 2']])
  expect(table.behind).toBe(0)
})

it('holds back the changes of one item, and not those of another', async () => {
  const table = new MemoryTable(TABLE_NAME)
  table.holdsBack = ({ key }) => key.sk === 'a'
  for (const sk of ['a', 'b']) await put(table, moved(sk, 'ready', 1))
  expect(await found(table, 'ready')).toEqual(['b 1'])
  expect(table.behind).toBe(1)
  table.catchUp()
  expect(await found(table, 'ready')).toEqual(['a 1', 'b 1'])
  expect(table.behind).toBe(0)
})

it('holds back the changes of one partition, so that an item may be in neither', async () => {
  const table = new MemoryTable(TABLE_NAME)
  await put(table, moved('a', 'ready', 1))
  table.holdsBack = ({ partition }) => partition === 'active'
  await put(table, moved('a', 'active', 2))
  expect([await found(table, 'ready'), await found(table, 'active')]).toEqual([[], []])
  table.catchUp(({ partition }) => partition === 'ready')
  expect(await found(table, 'active')).toEqual([])
  table.catchUp(({ partition }) => partition === 'active')
  expect(await found(table, 'active')).toEqual(['a 2'])
})

it('makes no change of an item before an earlier one of it', async () => {
  const table = new MemoryTable(TABLE_NAME)
  await put(table, moved('a', 'ready', 1))
  table.holdsBack = ({ partition }) => partition === 'ready'
  await put(table, moved('a', 'active', 2))
  await put(table, moved('a', 'active', 3))
  expect([await found(table, 'ready'), await found(table, 'active')]).toEqual([['a 1'], []])
  table.catchUp(({ partition }) => partition === 'active')
  expect([await found(table, 'ready'), await found(table, 'active')]).toEqual([['a 1'], []])
  table.catchUp(({ partition }) => partition === 'ready')
  expect([await found(table, 'ready'), await found(table, 'active')]).toEqual([[], []])
  table.holdsBack = () => false
  await put(table, moved('a', 'active', 4))
  expect(table.behind).toBe(3)
  let left = 2
  table.catchUp(() => (left -= 1) >= 0)
  expect([await found(table, 'active'), table.behind]).toEqual([['a 3'], 1])
  await put(table, moved('b', 'active', 1))
  table.catchUp()
  expect([await found(table, 'ready'), await found(table, 'active')]).toEqual([[], ['a 4', 'b 1']])
})

it('says of each change which index, partition and item it concerns', async () => {
  const table = new MemoryTable(TABLE_NAME)
  const seen: IndexChange[] = []
  table.holdsBack = (change) => seen.push(change) === 0
  await put(table, { pk: 'run', sk: 'a', listKey: 'runs', startAt: 1, deploymentId: 'd' })
  await table.client.send(new DeleteItemCommand({ TableName: table.name, Key: toItem({ pk: 'run', sk: 'a' }) }))
  const key = { pk: 'run', sk: 'a' }
  const both = [
    { index: 'time', partition: 'runs', key },
    { index: 'deployment', partition: 'd', key },
  ]
  expect(seen).toEqual([...both, ...both])
})

it('has the indexes of a table that never lagged once they have caught up, whatever was held back', async () => {
  const choices = fc.infiniteStream(fc.boolean())
  await fc.assert(
    fc.asyncProperty(programs, choices, async (program, chance) => {
      const [prompt, lagging] = [new MemoryTable(TABLE_NAME), new MemoryTable(TABLE_NAME)]
      const chooses = () => chance.next().value === true
      lagging.holdsBack = chooses
      for (const request of program) {
        await outcomeOf(prompt, request)
        await outcomeOf(lagging, request)
        if (chooses()) lagging.catchUp(chooses)
      }
      const behind = lagging.behind
      const { table: items } = memoryContents(lagging)
      expect(items).toEqual(memoryContents(prompt).table)
      lagging.catchUp()
      expect({ behind, ...memoryContents(lagging) }).toEqual({ behind, ...memoryContents(prompt) })
      expect(lagging.behind).toBe(0)
    }),
  )
})
