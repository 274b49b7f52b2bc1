import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { expect, it } from 'vitest'
import { toItem } from '#shared/storage/dynamo/expression.ts'
import { at } from '../../support/fixtures/a-run.ts'
import { clearedUp, leftovers } from './leftovers.ts'
import { emptyFork, poolWithRuns } from './small-world.ts'

it('finds nothing left of what was deleted, once the sweep has had its time', async () => {
  const fork = emptyFork()
  const { ids } = await poolWithRuns(fork, 'ecs:push', 2)
  await fork.call('deleteFlowRun', { id: ids[0] ?? '' })
  await fork.call('deleteWorkPool', { name: 'pool' })
  expect(leftovers([...fork.table.items()], fork.clock.at)).not.toEqual([])
  expect(await clearedUp(fork)).toEqual([])
})

it.each([
  ['a deletion', { pk: 'deletions', sk: 'run#r#l' }],
  ['a lease that has run out', { pk: 'lease#l', sk: 'lease', until: at(-1) }],
  ['lines of a pool', { pk: 'lines', sk: 'p' }],
  ['a queue of a pool', { pk: 'queues#p', sk: 'q' }],
  ["a pool's limit", { pk: 'limit#pool#p', sk: 'limit' }],
  ["a queue's limit", { pk: 'limit#queue#q', sk: 'limit' }],
  ['a log line of a run', { pk: 'logs#r#l', sk: '1' }],
  ['a task run of a run', { pk: 'task-run#t', sk: 'run', listKey: 'tasks#r#l' }],
  ['details of a run', { pk: 'run#r', sk: 'details#00' }],
])('finds %s that is left', (_, item) => {
  expect(leftovers([toItem(item)], at(0))).toHaveLength(1)
})

it('takes only the life that is there for the one that things belong to', async () => {
  const fork = emptyFork()
  const run = { pk: 'run#r', sk: 'run', life: 'l' }
  const logs = ['l', 'older'].map((life) => ({ pk: `logs#r#${life}`, sk: '1' }))
  for (const item of [run, ...logs])
    await fork.table.client.send(new PutItemCommand({ TableName: 'pushpool', Item: toItem(item) }))
  expect(leftovers([...fork.table.items()], at(0))).toEqual([expect.stringContaining('logs#r#older')])
})
