import { type Variable, variableIdOf } from '../variable/variable.ts'
import { getItem } from './get-item.ts'
import { decodeJsonItem } from './json-item.ts'
import { type Table, variableKey } from './table.ts'

/** Reads a variable, consistently; undefined when there is none. */
export async function getVariable(table: Table, variableId: string): Promise<Variable | undefined> {
  const item = await getItem(table, variableKey(variableId))
  return item && decodeJsonItem(item)
}

/** Reads the variable of a name, consistently; undefined when there is none. */
export async function getVariableByName(table: Table, name: string): Promise<Variable | undefined> {
  return await getVariable(table, variableIdOf(name))
}
