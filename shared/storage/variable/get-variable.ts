import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { decodeJsonItem } from '#shared/storage/dynamo/json-item.ts'
import { type Table, variableKey } from '#shared/storage/dynamo/table.ts'
import { type Variable, variableIdOf } from '#shared/variable/variable.ts'

/** Reads a variable, consistently; undefined when there is none. */
export async function getVariable(table: Table, variableId: string): Promise<Variable | undefined> {
  const item = await getItem(table, variableKey(variableId))
  return item && decodeJsonItem(item)
}

/** Reads the variables of these names, in no particular order; missing ones are left out. */
export async function getVariables(table: Table, names: readonly string[]): Promise<Variable[]> {
  const items = await batchGet(
    table,
    [...new Set(names)].map((name) => variableKey(variableIdOf(name))),
  )
  return items.map((item) => decodeJsonItem(item))
}
