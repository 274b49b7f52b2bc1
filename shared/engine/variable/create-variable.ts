import type { Deps } from '#shared/deps.ts'
import { alreadyExists } from '#shared/errors.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { variableKey } from '#shared/storage/dynamo/table.ts'
import { type Variable, variableIdOf } from '#shared/variable/variable.ts'
import { assertNoSecret } from './update-variable.ts'

/** Creates a variable. Raises already_exists, and invalid for a value that looks like a secret. */
export async function createVariable(deps: Deps, given: Pick<Variable, 'name' | 'value' | 'tags'>): Promise<Variable> {
  assertNoSecret(given.value)
  const now = deps.clock.now()
  const variable: Variable = { id: variableIdOf(given.name), ...given, created: now, updated: now }
  if (!(await putJsonItem(deps.table, variableKey(variable.id), variable, undefined))) {
    throw alreadyExists('Variable', given.name)
  }
  deps.log.info('variable created', { variableId: variable.id, variable: variable.name })
  return variable
}
