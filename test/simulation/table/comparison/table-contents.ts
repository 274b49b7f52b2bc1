import { type AttributeValue, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import type { MemoryTable } from '../memory-table.ts'
import { INDEXES } from '../table-schema.ts'
import { comparable } from './outcome.ts'

/** Everything that a table and its indexes hold, in a form that compares. */
export type Contents = Record<string, unknown[]>

/** Reads the contents of the engine's table. */
export async function engineContents(table: Table): Promise<Contents> {
  const views = [undefined, ...INDEXES.map(({ name }) => name)]
  const read = await Promise.all(
    views.map(async (view) => [view ?? 'table', sorted(await scanAll(table, view))] as const),
  )
  return Object.fromEntries(read)
}

/** The same of a table in memory, as reads would see it now. */
export function memoryContents(table: MemoryTable): Contents {
  const indexes = INDEXES.map(({ name }) => [name, [...table.indexRows(name)].map(({ item }) => item)] as const)
  return Object.fromEntries(
    [['table', [...table.items()]] as const, ...indexes].map(([name, items]) => [name, sorted(items)]),
  )
}

async function scanAll(table: Table, index: string | undefined): Promise<Item[]> {
  const items: Item[] = []
  let after: Record<string, AttributeValue> | undefined
  do {
    const request = { TableName: table.name, IndexName: index, ExclusiveStartKey: after }
    const page: ScanCommandOutput = await table.client.send(new ScanCommand(request))
    items.push(...(page.Items ?? []))
    after = page.LastEvaluatedKey
  } while (after)
  return items
}

function sorted(items: readonly Item[]): unknown[] {
  const keyed = items.map((item) => ({ key: `${item.pk?.S} ${item.sk?.S}`, item }))
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ item }) => comparable(item))
}
