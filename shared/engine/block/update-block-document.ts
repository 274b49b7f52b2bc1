import { type BlockDocument, referencesIn } from '#shared/block/block-document.ts'
import { filledSecrets } from '#shared/block/secret-fields.ts'
import type { Deps } from '#shared/deps.ts'
import { findSecret } from '#shared/ecs-task/secret-shape.ts'
import { assertItemSize } from '#shared/engine/job/assert-item-size.ts'
import { getReferencedBlocks } from '#shared/engine/job/get-referenced-blocks.ts'
import { DomainError, type FieldProblem, invalidField, notFound } from '#shared/errors.ts'
import { getBlockDocument } from '#shared/storage/block/get-block-document.ts'
import { getBlockSchema } from '#shared/storage/block/get-block-schema.ts'
import { putBlockDocument } from '#shared/storage/block/put-block-document.ts'

/** Conflicting writers decide again; more rounds than this mean that something is wrong. */
const ROUNDS_MAX = 10

export interface NewBlockDocument extends Pick<BlockDocument, 'typeId' | 'schemaId' | 'data' | 'anonymous'> {
  /** Omitted for an anonymous document. */
  name?: string | undefined
}

export interface BlockDocumentChange {
  data?: Record<string, unknown> | undefined
  /** Whether members that `data` omits stay unchanged. */
  merge: boolean
  /** Another schema of the same type. */
  schemaId?: string | undefined
}

/** Changes a block document. Raises what createBlockDocument does, and invalid for an anonymous one. */
export async function updateBlockDocument(deps: Deps, id: string, change: BlockDocumentChange): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = await getBlockDocument(deps.table, id)
    if (!before) throw notFound('Block document', id)
    if (before.anonymous) {
      throw new DomainError('invalid', "The content of an anonymous block document can't be changed.")
    }
    const document = {
      ...before,
      data: { ...(change.merge ? before.data : {}), ...change.data },
      schemaId: change.schemaId ?? before.schemaId,
      updated: Math.max(deps.clock.now(), before.updated + 1),
    }
    await assertUsable(deps, document)
    const result = await putBlockDocument(deps.table, document, before)
    if (result === 'schema_gone') throw notFound('Block schema', document.schemaId)
    if (result === 'outdated') continue
    deps.log.info('block document changed', { blockDocumentId: id })
    return
  }
  throw new DomainError('unavailable', `Block document '${id}' is being modified concurrently; retry.`)
}

export async function assertUsable(deps: Deps, document: BlockDocument): Promise<void> {
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
