import type { Deps } from '#shared/deps.ts'
import { notFound } from '#shared/errors.ts'
import { getBlockType } from '#shared/storage/block/get-block-type.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { blockTypeKey } from '#shared/storage/dynamo/table.ts'
import type { TypeTexts } from './register-block-schema.ts'

type TypeTextsChange = { [Member in keyof TypeTexts]?: TypeTexts[Member] | undefined }

/** Updates a block type's presentation; the last of several writers wins. Raises not_found. */
export async function updateBlockType(deps: Deps, id: string, change: TypeTextsChange): Promise<void> {
  const before = await getBlockType(deps.table, id)
  if (!before) throw notFound('Block type', id)
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  const after = { ...before, ...given, updated: Math.max(deps.clock.now(), before.updated + 1) }
  await putJsonItem(deps.table, blockTypeKey(id), after, before)
}
