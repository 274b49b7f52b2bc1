import { type BlockSchemaFilter, matchesBlockSchema } from '#shared/block/block-filter.ts'
import type { BlockSchema } from '#shared/block/block-schema.ts'
import type { Deps } from '#shared/deps.ts'
import * as storage from '#shared/storage/block/list-blocks.ts'

/** Every block schema that matches, the newest first. */
export async function listBlockSchemas(deps: Deps, filter: BlockSchemaFilter): Promise<BlockSchema[]> {
  const schemas = await storage.listBlockSchemas(deps.table)
  return schemas.filter((schema) => matchesBlockSchema(schema, filter)).toSorted((a, b) => b.created - a.created)
}
