import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { MemoryTable } from '../memory-table.ts'
import { alike } from './alike.ts'
import { BOUNDARIES } from './boundaries.ts'
import { COMPARISONS } from './comparisons.ts'
import { DIFFERENCES } from './differences.ts'
import { engineTable } from './engine-table.ts'
import { type Outcome, outcomeOf } from './outcome.ts'
import { READ_REFUSALS } from './read-refusals.ts'
import { ITEM, REFUSALS } from './refusals.ts'
import { type Request, TABLE_NAME } from './request.ts'
import { programs } from './requests.ts'
import { engineContents, memoryContents } from './table-contents.ts'

/** PROGRAMS=n goes through as many; SEED=n through those of a failure. */
const { PROGRAMS = '150', SEED } = process.env

const engine = engineTable()

it('answers every program of requests as the engine does, and stores the same', async () => {
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      await engine.use(async (table) => expect(await inMemory(program)).toEqual(await onEngine(table, program)))
    }),
    { numRuns: Number(PROGRAMS), ...(SEED && { seed: Number(SEED) }) },
  )
})

it.each([...BOUNDARIES, ...COMPARISONS])('draws the line where the engine does: $of', async ({ program }) => {
  await engine.use(async (table) => {
    const expected = await onEngine(table, program, withoutScannedCount)
    expect(await inMemory(program, withoutScannedCount)).toEqual(expected)
  })
})

/**
 * Where a page is full, the engine counts the item that does not fit as scanned. Of DynamoDB it is said that without a
 * filter this is the number of items returned (docs.aws.amazon.com, API_Query).
 */
function withoutScannedCount(outcome: Outcome): unknown {
  return 'error' in outcome ? outcome : outcome.pages.map((page) => ({ ...(page as object), ScannedCount: undefined }))
}

type Seen = (outcome: Outcome) => unknown
const whole: Seen = (outcome) => outcome

async function onEngine(table: Table, program: readonly Request[], seen = whole): Promise<unknown> {
  return { outcomes: await outcomesOf(table, program, seen), contents: await engineContents(table) }
}

async function inMemory(program: readonly Request[], seen = whole): Promise<unknown> {
  const memory = new MemoryTable(TABLE_NAME)
  return { outcomes: await outcomesOf(memory, program, seen), contents: memoryContents(memory) }
}

/** Each request with what came of it, so that a difference shows both. */
async function outcomesOf(table: Table, program: readonly Request[], seen: Seen): Promise<unknown[]> {
  const outcomes: unknown[] = []
  for (const request of program) outcomes.push({ request, outcome: seen(await outcomeOf(table, request)) })
  return outcomes
}

it('refuses what the engine refuses, for the same reason', async () => {
  await engine.use(async (table) => {
    for (const { wrong, request } of [...REFUSALS, ...READ_REFUSALS]) {
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
