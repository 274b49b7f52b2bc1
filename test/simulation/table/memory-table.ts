import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import type { Key, Table } from '#shared/storage/dynamo/table.ts'
import type { Answer } from './commands/answer.ts'
import { batchWriteItem } from './commands/batch-write-item.ts'
import { totalOf } from './commands/capacity.ts'
import { type ForeseenWrite, foresee } from './commands/foresee.ts'
import { batchGetItem, getItem } from './commands/get-items.ts'
import { query } from './commands/query.ts'
import { scan } from './commands/scan.ts'
import { transactWriteItems } from './commands/transact-write-items.ts'
import { deleteItem, putItem, updateItem } from './commands/write-item.ts'
import type { HoldsBack, IndexChange } from './rows/lagging-rows.ts'
import type { Row } from './rows/sorted-view.ts'
import { type ItemChange, TableRows } from './rows/table-rows.ts'
import { Unsupported } from './service-errors.ts'

const ANSWERS: Record<string, (rows: TableRows, name: string, request: never) => Answer> = {
  PutItemCommand: putItem,
  UpdateItemCommand: updateItem,
  DeleteItemCommand: deleteItem,
  TransactWriteItemsCommand: transactWriteItems,
  BatchWriteItemCommand: batchWriteItem,
  GetItemCommand: getItem,
  BatchGetItemCommand: batchGetItem,
  QueryCommand: query,
  ScanCommand: scan,
}

/** The product's own client, never connected: what is put around its requests works as ever. */
const CLIENT = openTable({ tableName: 'memory', endpoint: 'http://127.0.0.1:1' }).client

/**
 * The product's table in memory: it answers what the product asks of DynamoDB, as DynamoDB does, and raises Unsupported for
 * everything else. Requests are carried out at once, one after the other. Its indexes lag only as far as `holdsBack` says.
 */
export class MemoryTable implements Table {
  readonly name: string
  readonly client: DynamoDBClient
  /** Units consumed so far, by command. */
  readonly consumed: Map<string, number>
  readonly #rows: TableRows

  constructor(name: string, rows = new TableRows(), consumed = new Map<string, number>()) {
    this.name = name
    this.consumed = consumed
    this.#rows = rows
    this.client = clientOf((command, input) => this.answer(command, input))
  }

  /** Answers a request of that command. Raises the SDK's errors, and Unsupported. */
  answer(command: string, input: object): Record<string, unknown> {
    const answer = ANSWERS[command]
    if (!answer) throw new Unsupported(command)
    const { output, units } = answer(this.#rows, this.name, input as never)
    this.consumed.set(command, (this.consumed.get(command) ?? 0) + totalOf(units))
    return output
  }

  /** Looks at a write without making it; undefined where it would be refused. */
  foresee(call: string, input: object): ForeseenWrite | undefined {
    return foresee(this.#rows, call, input)
  }

  /** The item of a key, as stored. */
  item(key: Key): Item | undefined {
    return this.#rows.get(key)?.item
  }

  /** Every item, as stored: frozen, and the same object until it is written again. */
  *items(): Generator<Item> {
    for (const { item } of this.#rows.base.all()) yield item
  }

  /** What was written since the last call, in its order. */
  takeChanges(): ItemChange[] {
    return this.#rows.takeChanges()
  }

  /** Every row of an index as a read would find it now, partition by partition. */
  *indexRows(name: string): Generator<Row> {
    yield* this.#rows.indexes.find((index) => index.name === name)?.view.all() ?? []
  }

  /** Decides for each change of an index from now on whether it is held back. */
  set holdsBack(holdsBack: HoldsBack) {
    this.#rows.holdsBack = holdsBack
  }

  /** How many changes of indexes are held back. */
  get behind(): number {
    return this.#rows.indexes.reduce((sum, index) => sum + index.behind, 0)
  }

  /** Whether an index lags at all. */
  isBehind(name: string): boolean {
    return this.#rows.indexes.some((index) => index.name === name && index.behind > 0)
  }

  /** Makes the changes that are held back, or those that a filter names; of one item, none before an earlier one. */
  catchUp(filter: (change: IndexChange) => boolean = () => true): void {
    for (const index of this.#rows.indexes) index.catchUp(filter)
  }

  /** A table with the same content and held changes, whose changes and this one's don't concern each other. Nothing lags there from then on. */
  fork(): MemoryTable {
    return new MemoryTable(this.name, this.#rows.fork(), new Map(this.consumed))
  }
}

function clientOf(answer: (command: string, input: object) => Record<string, unknown>): DynamoDBClient {
  const middlewareStack = CLIENT.middlewareStack.clone()
  middlewareStack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => {
        const output = { ...answer(commandName, input), $metadata: { httpStatusCode: 200 } }
        return { response: {}, output: output as never }
      },
    { step: 'serialize', priority: 'high', name: 'answerFromMemory' },
  )
  return Object.assign(Object.create(CLIENT) as DynamoDBClient, { middlewareStack })
}
