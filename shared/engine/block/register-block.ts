import { type BlockSchema, blockSchemaIdOf } from '#shared/block/block-schema.ts'
import { type BlockType, blockTypeIdOf } from '#shared/block/block-type.ts'
import type { Deps } from '#shared/deps.ts'
import { refuseLarge } from '#shared/engine/job/work-pool-checks.ts'
import { alreadyExists, DomainError, notFound } from '#shared/errors.ts'
import { isRecord } from '#shared/json.ts'
import { getBlockSchema } from '#shared/storage/block/get-block-schema.ts'
import { getBlockType, getBlockTypes } from '#shared/storage/block/get-block-type.ts'
import { putBlockSchema } from '#shared/storage/block/put-block-schema.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { blockTypeKey } from '#shared/storage/dynamo/table.ts'

type TypeTexts = Pick<BlockType, 'logoUrl' | 'documentationUrl' | 'description' | 'codeExample'>

/** Creates a block type. Raises already_exists, and forbidden for names that Prefect's API keeps for itself. */
export async function createBlockType(
  deps: Deps,
  given: Pick<BlockType, 'slug' | 'name'> & TypeTexts,
): Promise<BlockType> {
  if (given.name.toLowerCase().startsWith('prefect')) {
    throw new DomainError('forbidden', "Block type names beginning with 'Prefect' are reserved.")
  }
  const now = deps.clock.now()
  const type: BlockType = { id: blockTypeIdOf(given.slug), ...given, created: now, updated: now }
  if (!(await putJsonItem(deps.table, blockTypeKey(type.id), type, undefined))) {
    throw alreadyExists('Block type', given.slug)
  }
  deps.log.info('block type created', { blockTypeId: type.id, slug: type.slug })
  return type
}

/** Changes what a block type says to people; of several at once one is heard. Raises not_found. */
export async function updateBlockType(deps: Deps, id: string, change: Partial<TypeTexts>): Promise<void> {
  const before = await getBlockType(deps.table, id)
  if (!before) throw notFound('Block type', id)
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const after = { ...before, ...given, updated: Math.max(deps.clock.now(), before.updated + 1) }
  await putJsonItem(deps.table, blockTypeKey(id), after, before)
}

/**
 * Adds a schema to a block type, or answers the one of that content and version as it is (a rule of Prefect's API).
 * Raises not_found for its type, conflict for a block that it refers to and whose type is not there, and too_large.
 */
export async function registerBlockSchema(
  deps: Deps,
  given: Pick<BlockSchema, 'typeId' | 'checksum' | 'version' | 'fields' | 'capabilities'>,
): Promise<{ schema: BlockSchema; created: boolean }> {
  refuseLarge('fields', given.fields)
  const id = blockSchemaIdOf(given.checksum, given.version)
  const existing = await getBlockSchema(deps.table, id)
  if (existing) return { schema: existing, created: false }
  await refuseUnknownBlocks(deps, given.fields)
  const now = deps.clock.now()
  const schema: BlockSchema = { id, ...given, created: now, updated: now }
  const result = await putBlockSchema(deps.table, schema)
  if (result === 'type_gone') throw notFound('Block type', given.typeId)
  if (result === 'stored') return { schema, created: true }
  return { schema: (await getBlockSchema(deps.table, id)) ?? schema, created: false }
}

async function refuseUnknownBlocks(deps: Deps, fields: Record<string, unknown>): Promise<void> {
  const { block_schema_references: references } = fields
  const named = Object.values(isRecord(references) ? references : {}).flat()
  const slugs = named.flatMap((each) => (isRecord(each) ? [String(each.block_type_slug)] : []))
  const known = new Set((await getBlockTypes(deps.table, slugs.map(blockTypeIdOf))).map((type) => type.slug))
  const missing = slugs.find((slug) => !known.has(slug))
  if (missing === undefined) return
  throw new DomainError('conflict', `Cannot create block schema because block type '${missing}' was not found.`)
}
