import { type BlockDocument, referencesIn } from '#shared/block/block-document.ts'
import { filledSecrets } from '#shared/block/secret-fields.ts'
import type { Deps } from '#shared/deps.ts'
import { findSecret } from '#shared/ecs-task/secret-shape.ts'
import { assertItemSize } from '#shared/engine/job/assert-item-size.ts'
import { getReferencedBlocks } from '#shared/engine/job/get-referenced-blocks.ts'
import { DomainError, type FieldProblem, invalidField, notFound } from '#shared/errors.ts'
import { getBlockSchema } from '#shared/storage/block/get-block-schema.ts'

/**
 * Asserts that a block document fits its schema's type, holds no secret, and refers to documents that exist and not to
 * itself. Raises not_found for its schema, too_large and invalid.
 */
export async function assertUsableDocument(deps: Deps, document: BlockDocument): Promise<void> {
  const { id, typeId, schemaId, data } = document
  assertItemSize('data', data)
  const schema = await getBlockSchema(deps.table, schemaId)
  if (!schema) throw notFound('Block schema', schemaId)
  if (schema.typeId !== typeId)
    throw invalidField(['body', 'block_schema_id'], 'must be a schema of the same block type')
  assertNoSecrets(schema.fields, data)
  const referenced = await getReferencedBlocks(deps, [document])
  for (const [field, other] of referencesIn(data)) {
    if (!referenced.has(other)) throw invalidField(['body', 'data', field], `block document '${other}' not found`)
  }
  if (referenced.has(id))
    throw invalidField(['body', 'data'], 'a block must not contain itself, directly or indirectly')
}

/**
 * The table holds nothing secret. Prefect encrypts such fields with a key that its server has; here every reader of a
 * block or of a backup of the table would see them. AWS's secret stores have permissions and an audit trail, and tasks
 * read from them directly.
 */
function assertNoSecrets(fields: Record<string, unknown>, data: Record<string, unknown>): void {
  const where = 'keep the value in Secrets Manager, SSM or an environment variable, and refer to it here'
  const problems: FieldProblem[] = filledSecrets(fields, data).map((path) => ({
    loc: ['body', 'data', ...path.split('.')],
    msg: `is secret, and secrets are not stored here: ${where}`,
    type: 'value_error',
  }))
  const found = findSecret(data)
  if (found) {
    const msg = `looks like ${found.looksLike}, and secrets are not stored here: ${where}`
    problems.push({ loc: ['body', 'data', ...found.path], msg, type: 'value_error' })
  }
  const [first] = problems
  if (first) throw new DomainError('invalid', `${first.loc.join('.')}: ${first.msg}`, problems)
}
