import type { Variable } from '../variable/variable.ts'
import { decodeJsonItem } from './json-item.ts'
import { queryAll } from './query.ts'
import { type Table, variableKey } from './table.ts'

/** Reads every variable, in no particular order. */
export async function listVariables(table: Table): Promise<Variable[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: variableKey('').pk } })
  return items.map((item) => decodeJsonItem(item))
}
