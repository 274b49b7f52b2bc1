import { type BlockType, blockTypeIdOf } from '#shared/block/block-type.ts'
import type { Deps } from '#shared/deps.ts'
import { alreadyExists, DomainError } from '#shared/errors.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { blockTypeKey } from '#shared/storage/dynamo/table.ts'
import type { TypeTexts } from './register-block-schema.ts'

/** Creates a block type. Raises already_exists, and reserved_name for names that Prefect's API keeps for itself. */
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
    throw alreadyExists('Block type', given.slug)
  }
  deps.log.info('block type created', { blockTypeId: type.id, slug: type.slug })
  return type
}
