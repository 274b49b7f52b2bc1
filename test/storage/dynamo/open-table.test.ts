import { TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { expect, it, onTestFinished } from 'vitest'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { openFormat } from '#shared/storage/dynamo/open-format.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { FORMAT_KEY, TABLE_FORMAT } from '#shared/storage/dynamo/table.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { startDynoxide } from '../../../local/engine/dynoxide.ts'
import { putLimits, setPaused } from '../../support/fixtures/put-limits.ts'

async function startTable() {
  const engine = await startDynoxide()
  onTestFinished(() => engine.stop())
  const table = openedAt(engine.endpoint)
  await ensureTable(table)
  return { table, endpoint: engine.endpoint }
}

function openedAt(endpoint: string) {
  const table = openTable({ tableName: 'pushpool', endpoint })
  onTestFinished(() => table.client.destroy())
  return table
}

/** A table on which DynamoDB rejects the first writes of single items, since a transaction on them is in progress. */
async function busyTable(refusals: number) {
  const { table } = await startTable()
  await putLimits(table, { 'pool#p': 5 })
  let asked = 0
  table.client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== 'UpdateItemCommand') return await next(args)
      asked += 1
      if (asked <= refusals) throw new TransactionConflictException({ message: 'busy', $metadata: {} })
      return await next(args)
    },
    { step: 'finalizeRequest', name: 'busy', priority: 'low' },
  )
  return { table, asked: () => asked }
}

it('a pool can be paused while claims are under way on its limit', async () => {
  const { table, asked } = await busyTable(3)
  expect(await setPaused(table, 'pool#p', true)).toBe(true)
  expect(asked()).toBe(4)
  expect((await getLimits(table, ['pool#p'])).get('pool#p')?.paused).toBe(true)
})

it('a write to an item that never becomes free is given up, so that the request ends', async () => {
  const { table, asked } = await busyTable(1000)
  await expect(setPaused(table, 'pool#p', true)).rejects.toThrow(TransactionConflictException)
  expect(asked()).toBe(6)
})

it('a new table gets one format from many processes at once', async () => {
  const { table, endpoint } = await startTable()
  const tables = Array.from({ length: 5 }, () => openedAt(endpoint))
  await Promise.all(tables.map((each) => openFormat(each, 'use another one')))
  expect(await getItem(table, FORMAT_KEY)).toMatchObject({ format: TABLE_FORMAT })
})

it('a table that is there is left alone, and one that cannot be created is no table', async () => {
  const { table } = await startTable()
  await putLimits(table, { 'pool#p': 5 })
  await ensureTable(table)
  expect((await getLimits(table, ['pool#p'])).get('pool#p')?.limit).toBe(5)
  await expect(ensureTable({ ...table, name: '!' })).rejects.toThrow(/name/i)
})
