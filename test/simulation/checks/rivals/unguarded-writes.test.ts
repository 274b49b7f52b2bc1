import { expect, it } from 'vitest'
import { type Expressions, express, type Item, toItem } from '#shared/storage/dynamo/expression.ts'
import { encodeRun } from '#shared/storage/flow-run/run-codec.ts'
import { newLimitItem } from '#shared/storage/limit/change-limit.ts'
import { releaseActions, takeAction } from '#shared/storage/limit/limit-actions.ts'
import { aClaim, POOL_ID, runIn } from '../../../support/fixtures/a-run.ts'
import { Chance } from '../../machine/chance.ts'
import { MemoryTable } from '../../table/memory-table.ts'
import { UnguardedWrites } from './unguarded-writes.ts'

const run = runIn('RUNNING', { claim: aClaim() })
const runItem = toItem({ ...encodeRun(run), details: '{}' })
const written = toItem({ ...encodeRun({ ...run, infrastructurePid: '7', revision: run.revision + 1 }), details: '{}' })
const limit = newLimitItem(`pool#${POOL_ID}`, { limit: 2, paused: false, poolId: POOL_ID, life: 'life' })
const lease = toItem({ pk: 'lease#l', sk: 'lease', until: 5 })
/** What always holds, of the same names and values. */
const anyway = '(#paused = :false OR #paused <> :false)'
const queue = toItem({ pk: `queues#${POOL_ID}`, sk: 'q', life: 'life', name: 'q' })

it('finds a write of a run that overlooks what has become of the run', () => {
  const { revision, life } = run
  const put = (condition: string) => whole(written, { condition, values: { revision, life } })
  expect(problemsOf([runItem], 'PutItem', put('#revision = :revision AND #life = :life'))).toEqual([])
  const found = problemsOf(
    [runItem],
    'PutItem',
    put('(#revision = :revision OR #revision <> :revision) AND #life = :life'),
  )
  expect(found).toContainEqual(expect.stringContaining('although it was cancelled'))
  expect(found).toContainEqual(expect.stringContaining('although it was written by another'))
  expect(found).not.toContainEqual(expect.stringContaining('created again'))
})

it('finds a first write of what another may have written first', () => {
  const absent = { condition: 'attribute_not_exists(#pk)' }
  for (const item of [runItem, lease]) {
    expect(problemsOf([], 'PutItem', whole(item, absent))).toEqual([])
    expect(problemsOf([], 'PutItem', whole(item))).toEqual([
      expect.stringContaining('although it was created by another'),
    ])
  }
})

it('finds a claim that overlooks what has become of a limit', () => {
  const table = new MemoryTable('pushpool')
  const { revision, life } = run
  const unchanged = { condition: '#revision = :revision AND #life = :life', values: { revision, life } }
  const claimed = { Put: whole({ ...written, generation: { N: '7' } }, unchanged) }
  const take = takeAction(table, `pool#${POOL_ID}`, 1, 0)
  const found = (actions: object[]) =>
    problemsOf([runItem, toItem(limit)], 'TransactWriteItems', { TransactItems: actions })
  expect(found([claimed, take])).toEqual([])
  const { ConditionExpression: condition = '' } = take.Update ?? {}
  const careless = { Update: { ...take.Update, ConditionExpression: condition.replace('#paused = :false', anyway) } }
  expect(found([claimed, careless])).toEqual([expect.stringContaining('although it was paused')])
})

it('finds a queue that is created in a pool which is being deleted', () => {
  const put = whole(queue, { condition: 'attribute_not_exists(#pk)' })
  expect(problemsOf([toItem(limit)], 'PutItem', put)).toEqual([
    expect.stringContaining('although it was in a pool that was being deleted'),
  ])
})

it('finds a write that does more when it is made twice', () => {
  const [give] = releaseActions(new MemoryTable('pushpool'), [`pool#${POOL_ID}`])
  expect(problemsOf([toItem({ ...limit, active: 2 })], 'UpdateItem', give?.Update as object)).toEqual(
    expect.arrayContaining([expect.stringContaining('twice')]),
  )
})

function whole(item: Item, expressions: Expressions = {}): object {
  return { TableName: 'pushpool', Item: item, ...express(expressions) }
}

/** What is wrong with a write where these items are stored. */
function problemsOf(items: readonly Item[], call: string, input: object): string[] {
  const table = new MemoryTable('pushpool')
  for (const item of items) table.answer('PutItemCommand', { TableName: 'pushpool', Item: item })
  const unguarded = new UnguardedWrites(new Chance('writes'), 1)
  unguarded.look(table, { verb: 'a verb' }, { name: call, input })
  return unguarded.problems
}
