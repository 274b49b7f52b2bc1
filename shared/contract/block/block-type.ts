import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { InstantOut, NameIn, named, PageIn, patchable, TextIn, UuidIn, UuidOut } from '#shared/contract/wire.ts'
import { BlockSchemaFilterIn, BlockTypeFilterIn } from './block-filter.ts'

const tag = 'Block types'
const params = () => z.object({ id: UuidIn })

export const BlockTypeOut = named('BlockType', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    name: z.string(),
    slug: z.string(),
    logo_url: z.nullable(z.string()),
    documentation_url: z.nullable(z.string()),
    description: z.nullable(z.string()),
    code_example: z.nullable(z.string()),
    is_protected: z.boolean(),
  }),
)

const textsIn = {
  logo_url: patchable(TextIn),
  documentation_url: patchable(TextIn),
  description: patchable(TextIn),
  code_example: patchable(TextIn),
}

export const createBlockType = endpoint({
  method: 'POST',
  path: '/block_types/',
  scope: 'operate',
  tag,
  summary: 'Create a block type, or get the one that says the same.',
  body: () =>
    named('BlockTypeCreateRequest', () =>
      z.object({
        name: NameIn,
        slug: z
          .string()
          .check(
            z.maxLength(255),
            z.regex(/^[a-z0-9-]+$/, 'Block type slug must only contain lowercase letters, numbers, and dashes.'),
          ),
        ...textsIn,
      }),
    ),
  reply: () => BlockTypeOut,
  status: 201,
})

export const getBlockType = endpoint({
  method: 'GET',
  path: '/block_types/:id',
  scope: 'work',
  tag,
  summary: 'Get a block type.',
  params,
  reply: () => BlockTypeOut,
  status: 200,
})

export const getBlockTypeBySlug = endpoint({
  method: 'GET',
  path: '/block_types/slug/:slug',
  scope: 'work',
  tag,
  summary: 'Get a block type by its slug.',
  params: () => z.object({ slug: z.string() }),
  reply: () => BlockTypeOut,
  status: 200,
})

export const listBlockTypes = endpoint({
  method: 'POST',
  path: '/block_types/filter',
  scope: 'work',
  tag,
  summary: 'List block types by name.',
  body: () =>
    named('BlockTypeListRequest', () =>
      z.object({ block_types: BlockTypeFilterIn, block_schemas: BlockSchemaFilterIn, ...PageIn }),
    ),
  reply: () => z.array(BlockTypeOut),
  status: 200,
})

export const updateBlockType = endpoint({
  method: 'PATCH',
  path: '/block_types/:id',
  scope: 'operate',
  tag,
  summary: "Update a block type's presentation; omitted fields stay unchanged.",
  params,
  body: () => named('BlockTypeUpdateRequest', () => z.object(textsIn)),
  status: 204,
})

export const deleteBlockType = endpoint({
  method: 'DELETE',
  path: '/block_types/:id',
  scope: 'operate',
  tag,
  summary: 'Delete a block type that has no block documents, with its schemas.',
  params,
  status: 204,
})
