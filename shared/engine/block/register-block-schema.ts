import { type BlockSchema, blockSchemaIdOf } from '#shared/block/block-schema.ts'
import { type BlockType, blockTypeIdOf } from '#shared/block/block-type.ts'
import type { Deps } from '#shared/deps.ts'
import { assertItemSize } from '#shared/engine/job/assert-item-size.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { getBlockSchema } from '#shared/storage/block/get-block-schema.ts'
import { getBlockTypes } from '#shared/storage/block/get-block-type.ts'
import { putBlockSchema } from '#shared/storage/block/put-block-schema.ts'

export type TypeTexts = Pick<BlockType, 'logoUrl' | 'documentationUrl' | 'description' | 'codeExample'>

/**
 * Creates a block schema, or returns the existing one of that content and version (a rule of Prefect's API). Raises
 * not_found for its type, conflict for a referenced block whose type does not exist, and too_large.
 */
export async function registerBlockSchema(
  deps: Deps,
  given: Pick<BlockSchema, 'typeId' | 'checksum' | 'version' | 'fields' | 'capabilities'>,
): Promise<{ schema: BlockSchema; created: boolean }> {
  assertItemSize('fields', given.fields)
  const id = blockSchemaIdOf(given.checksum, given.version)
  const existing = await getBlockSchema(deps.table, id)
  if (existing) return { schema: existing, created: false }
  await assertKnownBlocks(deps, given.fields)
  const now = deps.clock.now()
  const schema: BlockSchema = { id, ...given, created: now, updated: now }
  const result = await putBlockSchema(deps.table, schema)
  if (result === 'type_gone') throw notFound('Block type', given.typeId)
  if (result === 'stored') return { schema, created: true }
  return { schema: (await getBlockSchema(deps.table, id)) ?? schema, created: false }
}

async function assertKnownBlocks(deps: Deps, fields: Record<string, unknown>): Promise<void> {
  const { block_schema_references: references } = fields
  const named = Object.values(isRecord(references) ? references : {}).flat()
  const slugs = named.flatMap((each) => (isRecord(each) ? [String(each.block_type_slug)] : []))
  const known = new Set((await getBlockTypes(deps.table, slugs.map(blockTypeIdOf))).map((type) => type.slug))
  const missing = slugs.find((slug) => !known.has(slug))
  if (missing === undefined) return
  throw new DomainError('conflict', `Cannot create block schema because block type '${missing}' was not found.`)
}
