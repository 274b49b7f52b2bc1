import type { Hono } from 'hono'
import { blockTypeIdOf } from '#shared/block/block-type.ts'
import * as contract from '#shared/contract/block/block-type.ts'
import type { Deps } from '#shared/deps.ts'
import { createBlockType } from '#shared/engine/block/create-block-type.ts'
import { deleteBlockType } from '#shared/engine/block/delete-block-type.ts'
import { listBlockTypes } from '#shared/engine/block/list-block-types.ts'
import { updateBlockType } from '#shared/engine/block/update-block-type.ts'
import { notFound } from '#shared/errors.ts'
import { getBlockType } from '#shared/storage/block/get-block-type.ts'
import { route } from '../route.ts'
import { blockTypeView } from '../views/block.ts'

/** Serves block types. */
export function blockTypeRoutes(app: Hono, deps: Deps): void {
  const read = async (id: string, shown: string) => {
    const type = await getBlockType(deps.table, id)
    if (!type) throw notFound('Block type', shown)
    return blockTypeView(type)
  }

  route(app, contract.createBlockType, async ({ body }) => {
    const type = await createBlockType(deps, {
      name: body.name,
      slug: body.slug,
      logoUrl: body.logo_url ?? null,
      documentationUrl: body.documentation_url ?? null,
      description: body.description ?? null,
      codeExample: body.code_example ?? null,
    })
    return blockTypeView(type)
  })

  route(app, contract.getBlockType, ({ params: { id } }) => read(id, id))
  route(app, contract.getBlockTypeBySlug, ({ params: { slug } }) => read(blockTypeIdOf(slug), slug))

  route(app, contract.listBlockTypes, async ({ body: { limit, offset, ...filters } }) =>
    (await listBlockTypes(deps, filters)).slice(offset, offset + limit).map(blockTypeView),
  )

  route(app, contract.updateBlockType, ({ params, body }) =>
    updateBlockType(deps, params.id, {
      logoUrl: body.logo_url,
      documentationUrl: body.documentation_url,
      description: body.description,
      codeExample: body.code_example,
    }),
  )

  route(app, contract.deleteBlockType, ({ params }) => deleteBlockType(deps, params.id))
}
