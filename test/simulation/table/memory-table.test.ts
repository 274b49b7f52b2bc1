import { DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { type DynamoDbEngine, startDynoxide } from '../../../local/engine/dynoxide.ts'
import { sendDirectly } from '../../../local/engine/send-directly.ts'
import { MemoryTable } from './memory-table.ts'
import { outcomeOf } from './outcome.ts'
import { programs, type Request, TABLE_NAME } from './requests.ts'
import { engineContents, memoryContents } from './table-contents.ts'

/** PROGRAMS=n runs as many; SEED=n those of a failure. */
const PROGRAMS = Number(process.env.PROGRAMS ?? 300)
const { SEED } = process.env

let engine: DynamoDbEngine
let table: Table
let direct: { close: () => void }
beforeAll(async () => {
  engine = await startDynoxide()
  table = openTable({ tableName: TABLE_NAME, endpoint: engine.endpoint })
  direct = sendDirectly(table, engine.endpoint)
})
afterAll(async () => {
  direct.close()
  table.client.destroy()
  await engine.stop()
})

it('answers every program of requests as the engine does, and keeps the same', async () => {
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      await ensureTable(table)
      const memory = new MemoryTable(TABLE_NAME)
      try {
        for (const request of program) await compare(memory, request)
        expect(memoryContents(memory)).toEqual(await engineContents(table))
      } finally {
        await table.client.send(new DeleteTableCommand({ TableName: TABLE_NAME }))
      }
    }),
    { numRuns: PROGRAMS, ...(SEED && { seed: Number(SEED) }) },
  )
})

async function compare(memory: MemoryTable, request: Request): Promise<void> {
  const expected = await outcomeOf(table, request)
  expect({ request, outcome: await outcomeOf(memory, request) }).toEqual({ request, outcome: expected })
}
