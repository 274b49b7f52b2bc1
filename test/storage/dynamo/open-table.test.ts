import { TransactionConflictException } from '@aws-sdk/client-dynamodb'
import { expect, it, onTestFinished } from 'vitest'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { startDynoxide } from '../../../local/engine/dynoxide.ts'
import { putLimits, setPaused } from '../../support/fixtures/put-limits.ts'

/** A table on which DynamoDB rejects the first writes of single items, since a transaction on them is in progress. */
async function busyTable(refusals: number) {
  const engine = await startDynoxide()
  const table = openTable({ tableName: 'pushpool', endpoint: engine.endpoint })
  onTestFinished(async () => {
    table.client.destroy()
    await engine.stop()
  })
  await ensureTable(table)
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
