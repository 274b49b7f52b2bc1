import type { Hono } from 'hono'
import { type BlockDocument, blockDocumentIdOf } from '#shared/block/block-document.ts'
import { type BlockDocumentSort, type BlockFilters, sortBlockDocuments } from '#shared/block/block-filter.ts'
import { blockTypeIdOf } from '#shared/block/block-type.ts'
import * as contract from '#shared/contract/block/block-document.ts'
import type { Deps } from '#shared/deps.ts'
import { createBlockDocument } from '#shared/engine/block/create-block-document.ts'
import { listBlockDocuments } from '#shared/engine/block/list-block-documents.ts'
import { listBlockTypes } from '#shared/engine/block/list-block-types.ts'
import { updateBlockDocument } from '#shared/engine/block/update-block-document.ts'
import { getBlockViews } from '#shared/engine/job/get-block-views.ts'
import { notFound } from '#shared/errors.ts'
import { getBlockDocument } from '#shared/storage/block/get-block-document.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { blockDocumentKey } from '#shared/storage/dynamo/table.ts'
import { route } from '../route.ts'
import { blockDocumentViews } from '../views/block.ts'

/** Serves block documents. They hold no secrets, so there is nothing that `include_secrets` could show or hide. */
export function blockDocumentRoutes(app: Hono, deps: Deps): void {
  const views = async (documents: readonly BlockDocument[]) => blockDocumentViews(await getBlockViews(deps, documents))
  const view = async (document: BlockDocument | undefined, shown: string) => {
    const [shownAs] = await views(document ? [document] : [])
    if (!shownAs) throw notFound('Block document', shown)
    return shownAs
  }
  const find = async (filters: BlockFilters, sort: BlockDocumentSort) => {
    const [documents, types] = await Promise.all([listBlockDocuments(deps, filters), listBlockTypes(deps, {})])
    return sortBlockDocuments(documents, sort, new Map(types.map((type) => [type.id, type.name])))
  }

  route(app, contract.createBlockDocument, async ({ body }) => {
    const document = await createBlockDocument(deps, {
      name: body.name,
      typeId: body.block_type_id,
      schemaId: body.block_schema_id,
      data: body.data,
      anonymous: body.is_anonymous,
    })
    return await view(document, document.id)
  })

  route(app, contract.listBlockDocuments, async ({ body: { sort, limit, offset, ...filters } }) =>
    views((await find(filters, sort)).slice(offset, offset + limit)),
  )
  route(app, contract.countBlockDocuments, async ({ body }) => (await listBlockDocuments(deps, body)).length)
  route(app, contract.listBlockDocumentsOfType, async ({ params: { slug } }) => {
    const [type] = await listBlockTypes(deps, { block_types: { slug: { any_: [slug] } } })
    if (!type) throw notFound('Block type', slug)
    return await views(await find({ block_documents: { block_type_id: { any_: [type.id] } } }, 'NAME_ASC'))
  })

  const read = async (id: string, shown: string) => view(await getBlockDocument(deps.table, id), shown)
  route(app, contract.getBlockDocument, ({ params: { id } }) => read(id, id))
  route(app, contract.getBlockDocumentByName, ({ params: { slug, name } }) =>
    read(blockDocumentIdOf(blockTypeIdOf(slug), name), `${slug}/${name}`),
  )

  route(app, contract.updateBlockDocument, ({ params, body }) =>
    updateBlockDocument(deps, params.id, {
      data: body.data,
      merge: body.merge_existing_data,
      schemaId: body.block_schema_id,
    }),
  )

  route(app, contract.deleteBlockDocument, async ({ params: { id } }) => {
    if (!(await deleteItem(deps.table, blockDocumentKey(id)))) throw notFound('Block document', id)
    deps.log.info('block document deleted', { blockDocumentId: id })
  })
}
