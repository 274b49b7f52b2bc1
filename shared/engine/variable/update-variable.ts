import type { Deps } from '#shared/deps.ts'
import { findSecret } from '#shared/ecs-task/secret-shape.ts'
import { DomainError, invalidField, notFound } from '#shared/errors.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { variableKey } from '#shared/storage/dynamo/table.ts'
import { getVariable } from '#shared/storage/variable/get-variable.ts'
import { type Variable } from '#shared/variable/variable.ts'

/** Conflicting writers decide again; more rounds than this mean that something is wrong. */
const ROUNDS_MAX = 10

type VariableChange = { [Member in 'name' | 'value' | 'tags']?: Variable[Member] | undefined }

/**
 * Changes a variable; omitted members stay unchanged. Raises not_found, and invalid for a value that looks like a
 * secret and for another name: a variable's id derives from its name, so its name never changes.
 */
export async function updateVariable(deps: Deps, id: string, change: VariableChange): Promise<void> {
  assertNoSecret(change.value)
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = await getVariable(deps.table, id)
    if (!before) throw notFound('Variable', id)
    const { name = before.name, value = before.value, tags = before.tags } = change
    if (name !== before.name) throw invalidField(['body', 'name'], 'a variable keeps its name; create another instead')
    const updated = Math.max(deps.clock.now(), before.updated + 1)
    if (await putJsonItem(deps.table, variableKey(id), { ...before, value, tags, updated }, before)) {
      deps.log.info('variable changed', { variableId: id, variable: name })
      return
    }
  }
  throw new DomainError('unavailable', `Variable '${id}' is being modified concurrently; retry.`)
}

/** The table holds nothing secret: reading runs and variables must not expose an account's keys. */
export function assertNoSecret(value: unknown): void {
  const found = findSecret(value)
  if (!found) return
  const where = ['body', 'value', ...found.path]
  throw invalidField(where, `looks like ${found.looksLike}; keep it in Secrets Manager and name it here`)
}
