import * as z from 'zod/mini'
import { BLOCK_DOCUMENT_SORTS } from '#shared/block/block-filter.ts'
import { endpoint } from '#shared/contract/endpoint.ts'
import { InstantOut, JsonObject, maybe, named, PageIn, UuidIn, UuidOut, withDefault } from '#shared/contract/wire.ts'
import { BlockDocumentFilterIn, BlockSchemaFilterIn, BlockTypeFilterIn } from './block-filter.ts'
import { BlockSchemaOut } from './block-schema.ts'
import { BlockTypeOut } from './block-type.ts'

const tag = 'Block documents'
const params = () => z.object({ id: UuidIn })
const filters = {
  block_documents: BlockDocumentFilterIn,
  block_types: BlockTypeFilterIn,
  block_schemas: BlockSchemaFilterIn,
}

const BlockDocumentOut = named('BlockDocument', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    name: z.string(),
    data: JsonObject,
    block_schema_id: UuidOut,
    block_schema: z.nullable(BlockSchemaOut),
    block_type_id: UuidOut,
    block_type_name: z.string(),
    block_type: BlockTypeOut,
    block_document_references: JsonObject,
    is_anonymous: z.boolean(),
  }),
)

const BlockNameIn = z
  .string()
  .check(
    z.maxLength(255),
    z.regex(/^[a-z0-9-]+$/, 'Block document name must only contain lowercase letters, numbers, and dashes.'),
  )

export const createBlockDocument = endpoint({
  method: 'POST',
  path: '/block_documents/',
  scope: 'operate',
  tag,
  summary: 'Create a block document. Values in secret fields of its schema are rejected.',
  body: () =>
    named('BlockDocumentCreateRequest', () =>
      z
        .object({
          name: maybe(BlockNameIn),
          data: withDefault(JsonObject, {}),
          block_schema_id: UuidIn,
          block_type_id: UuidIn,
          is_anonymous: withDefault(z.boolean(), false),
        })
        .check(
          z.refine(({ name, is_anonymous }) => is_anonymous || name !== undefined, {
            message: 'Names must be provided for block documents.',
            path: ['name'],
          }),
        ),
    ),
  reply: () => BlockDocumentOut,
  status: 201,
})

export const listBlockDocuments = endpoint({
  method: 'POST',
  path: '/block_documents/filter',
  scope: 'work',
  tag,
  summary: 'List block documents; anonymous ones only on request.',
  body: () =>
    named('BlockDocumentListRequest', () =>
      z.object({ ...filters, ...PageIn, sort: withDefault(z.enum(BLOCK_DOCUMENT_SORTS), 'NAME_ASC') }),
    ),
  reply: () => z.array(BlockDocumentOut),
  status: 200,
})

export const countBlockDocuments = endpoint({
  method: 'POST',
  path: '/block_documents/count',
  scope: 'work',
  tag,
  summary: 'Count block documents; anonymous ones only on request.',
  body: () => named('BlockDocumentCountRequest', () => z.object(filters)),
  reply: () => z.int(),
  status: 200,
})

export const getBlockDocument = endpoint({
  method: 'GET',
  path: '/block_documents/:id',
  scope: 'work',
  tag,
  summary: 'Get a block document, with the data of the blocks that it references.',
  params,
  reply: () => BlockDocumentOut,
  status: 200,
})

export const getBlockDocumentByName = endpoint({
  method: 'GET',
  path: '/block_types/slug/:slug/block_documents/name/:name',
  scope: 'work',
  tag,
  summary: 'Get a block document by its type and name.',
  params: () => z.object({ slug: z.string(), name: z.string() }),
  reply: () => BlockDocumentOut,
  status: 200,
})

export const listBlockDocumentsOfType = endpoint({
  method: 'GET',
  path: '/block_types/slug/:slug/block_documents',
  scope: 'work',
  tag,
  summary: 'List the block documents of a type, without anonymous ones.',
  params: () => z.object({ slug: z.string() }),
  reply: () => z.array(BlockDocumentOut),
  status: 200,
})

export const updateBlockDocument = endpoint({
  method: 'PATCH',
  path: '/block_documents/:id',
  scope: 'operate',
  tag,
  summary: 'Update a block document. Values in secret fields of its schema are rejected.',
  params,
  body: () =>
    named('BlockDocumentUpdateRequest', () =>
      z.object({
        block_schema_id: maybe(UuidIn),
        data: maybe(JsonObject),
        merge_existing_data: withDefault(z.boolean(), true),
      }),
    ),
  status: 204,
})

export const deleteBlockDocument = endpoint({
  method: 'DELETE',
  path: '/block_documents/:id',
  scope: 'operate',
  tag,
  summary: 'Delete a block document. Fields of other blocks that reference it are removed.',
  params,
  status: 204,
})
