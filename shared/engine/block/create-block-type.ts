import { isDeepStrictEqual } from 'node:util'
import { type BlockType, blockTypeIdOf } from '#shared/block/block-type.ts'
import type { Deps } from '#shared/deps.ts'
import { alreadyExists, DomainError } from '#shared/errors.ts'
import { getBlockType } from '#shared/storage/block/get-block-type.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { blockTypeKey } from '#shared/storage/dynamo/table.ts'
import type { TypeTexts } from './register-block-schema.ts'

/**
 * Creates a block type, or returns the existing one that says the same: clients look first and then create, and the first
 * flows of a new service do so at once (Prefect 2, src/prefect/blocks/core.py, register_type_and_schema, lets a 409 crash
 * the flow). Raises already_exists, and reserved_name for names that Prefect's API keeps for itself.
 */
export async function createBlockType(
  deps: Deps,
  given: Pick<BlockType, 'slug' | 'name'> & TypeTexts,
): Promise<BlockType> {
  if (given.name.toLowerCase().startsWith('prefect')) {
    throw new DomainError('reserved_name', "Block type names beginning with 'Prefect' are reserved.")
  }
  const now = deps.clock.now()
  const type: BlockType = { id: blockTypeIdOf(given.slug), ...given, created: now, updated: now }
  if (!(await putJsonItem(deps.table, blockTypeKey(type.id), type, undefined))) {
    const existing = await getBlockType(deps.table, type.id)
    if (existing && saysSame(existing, type)) return existing
    throw alreadyExists('Block type', given.slug)
  }
  deps.log.info('block type created', { blockTypeId: type.id, slug: type.slug })
  return type
}

function saysSame(existing: BlockType, type: BlockType): boolean {
  const { created, updated } = existing
  return isDeepStrictEqual(existing, { ...type, created, updated })
}
