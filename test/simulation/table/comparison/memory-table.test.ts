import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { MemoryTable } from '../memory-table.ts'
import { BOUNDARIES } from './boundaries.ts'
import { DIFFERENCES } from './differences.ts'
import { engineTable } from './engine-table.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { alike, ITEM, REFUSALS } from './refusals.ts'
import { programs, type Request, TABLE_NAME } from './requests.ts'
import { engineContents, memoryContents } from './table-contents.ts'

/** PROGRAMS=n goes through as many; SEED=n through those of a failure. */
const { PROGRAMS = '300', SEED } = process.env

const engine = engineTable()

it('answers every program of requests as the engine does, and stores the same', async () => {
  await fc.assert(
    fc.asyncProperty(programs, (program) => engine.use((table) => compare(table, program))),
    { numRuns: Number(PROGRAMS), ...(SEED && { seed: Number(SEED) }) },
  )
})

it.each(BOUNDARIES)('draws the line where the engine does: $of', async ({ program }) => {
  await engine.use((table) => compare(table, program, withoutScannedCount))
})

/**
 * Where a page is full, the engine counts the item that does not fit as scanned. Of DynamoDB it is said that without a
 * filter this is the number of items returned (docs.aws.amazon.com, API_Query).
 */
function withoutScannedCount(outcome: Outcome): unknown {
  return 'error' in outcome ? outcome : outcome.pages.map((page) => ({ ...(page as object), ScannedCount: undefined }))
}

async function compare(
  table: Table,
  program: readonly Request[],
  seen: (outcome: Outcome) => unknown = (outcome) => outcome,
): Promise<void> {
  const memory = new MemoryTable(TABLE_NAME)
  for (const request of program) {
    const expected = seen(await outcomeOf(table, request))
    expect({ request, outcome: seen(await outcomeOf(memory, request)) }).toEqual({ request, outcome: expected })
  }
  expect(memoryContents(memory)).toEqual(await engineContents(table))
}

it('refuses what the engine refuses, for the same reason', async () => {
  await engine.use(async (table) => {
    for (const { wrong, request } of REFUSALS) {
      const memory = new MemoryTable(TABLE_NAME)
      for (const each of [table, memory]) await outcomeOf(each, PUT)
      const [expected, refused] = [await refusalOf(table, request), await refusalOf(memory, request)]
      expect({ wrong, refused }).toEqual({ wrong, refused: expected })
      expect({ wrong, ...memoryContents(memory) }).toEqual({ wrong, ...(await engineContents(table)) })
    }
  })
})

it.each(DIFFERENCES)(
  'follows DynamoDB where the engine does not: $what ($source)',
  async ({ request, dynamo, engine: its }) => {
    await engine.use(async (table) => {
      const memory = new MemoryTable(TABLE_NAME)
      for (const each of [table, memory]) for (const put of [PUT, LARGE]) await outcomeOf(each, put)
      expect(await outcomeOf(memory, request)).toMatchObject(dynamo)
      expect(await outcomeOf(table, request)).toMatchObject(its)
    })
  },
)

const PUT: Request = { command: 'PutItemCommand', input: { TableName: TABLE_NAME, Item: ITEM } }

const LARGE: Request = {
  command: 'PutItemCommand',
  input: { TableName: TABLE_NAME, Item: { pk: { S: 'large' }, sk: { S: 'x' }, text: { S: 'x'.repeat(5000) } } },
}

/** The name and text of the error. */
async function refusalOf(table: Table, request: Request): Promise<unknown> {
  const outcome = await outcomeOf(table, request, alike)
  return 'error' in outcome ? outcome.error : 'answered'
}
