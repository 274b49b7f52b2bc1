import { decodeJsonItem } from '#shared/storage/dynamo/json-item.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { type Table, variableKey } from '#shared/storage/dynamo/table.ts'
import type { Variable } from '#shared/variable/variable.ts'

/** Reads every variable, in no particular order. */
export async function listVariables(table: Table): Promise<Variable[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: variableKey('').pk } })
  return items.map((item) => decodeJsonItem(item))
}
