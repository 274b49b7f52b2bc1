import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { DomainError } from '#shared/errors.ts'
import { express, toItem } from './expression.ts'
import { getItem } from './get-item.ts'
import { queryPage } from './query.ts'
import { FORMAT_KEY, GLOBAL_LIMITS_LIST_KEY, TABLE_FORMAT, type Table, TIME_INDEX, TIME_INDEX_KEY } from './table.ts'
import { isConditionFailure } from './transact.ts'

/** What every table in use has something of: the keys that things have in common, and those of the lists of runs. */
const PARTITIONS = ['pools', 'flows', 'deployments', 'variables', 'block-types', 'artifacts', 'api-keys']
const LISTS = [TIME_INDEX_KEY, GLOBAL_LIMITS_LIST_KEY]

/**
 * Makes sure that this version can read a table and write to it: by the table's format number, which a new table is
 * given here. Throws DomainError `unavailable` for a table of another version, with a sentence that ends with what to do
 * about it.
 */
export async function openFormat(table: Table, remedy: string): Promise<void> {
  let found = await readFormat(table)
  if (found === undefined && (await isEmpty(table))) {
    if (await writeFormat(table)) return
    found = await readFormat(table)
  } else if (found === undefined) {
    // Another process may have opened the new table since the first look, and written to it.
    found = await readFormat(table)
  }
  if (found === TABLE_FORMAT) return
  const what =
    found === undefined ? 'was made by an older version, which gave it no format number' : `has format ${found}`
  throw new DomainError(
    'unavailable',
    `The table ${table.name} ${what}, and this version of pushpool needs format ${TABLE_FORMAT}: ${remedy}.`,
  )
}

async function readFormat(table: Table): Promise<number | undefined> {
  const item = await getItem(table, FORMAT_KEY)
  return item && Number(item.format)
}

/** Rights to scan the table are held by nothing that runs. */
async function isEmpty(table: Table): Promise<boolean> {
  const queries = [
    ...PARTITIONS.map((pk) => ({ keyCondition: '#pk = :pk', values: { pk } })),
    ...LISTS.map((key) => ({ index: TIME_INDEX, keyCondition: '#listKey = :key', values: { key } })),
  ]
  const pages = await Promise.all(queries.map((query) => queryPage(table, { ...query, limit: 1 })))
  return pages.every(({ items }) => items.length === 0)
}

/** False when the table has a format already. */
async function writeFormat(table: Table): Promise<boolean> {
  const item = toItem({ ...FORMAT_KEY, format: TABLE_FORMAT })
  const absent = express({ condition: 'attribute_not_exists(#pk)' })
  try {
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: item, ...absent }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
