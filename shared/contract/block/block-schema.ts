import * as z from 'zod/mini'
import { UNVERSIONED } from '#shared/block/block-schema.ts'
import { endpoint } from '#shared/contract/endpoint.ts'
import { InstantOut, JsonObject, maybe, named, PageIn, UuidIn, UuidOut, withDefault } from '#shared/contract/wire.ts'
import { BlockSchemaFilterIn } from './block-filter.ts'
import { BlockTypeOut } from './block-type.ts'

const tag = 'Block schemas'
const ShortText = z.string().check(z.maxLength(255))

export const BlockSchemaOut = named('BlockSchema', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    checksum: z.string(),
    fields: JsonObject,
    block_type_id: UuidOut,
    block_type: BlockTypeOut,
    capabilities: z.array(z.string()),
    version: z.string(),
  }),
)

export const createBlockSchema = endpoint({
  method: 'POST',
  path: '/block_schemas/',
  scope: 'operate',
  tag,
  summary: 'Create a block schema; an existing one of the same content and version is returned with 200.',
  body: () =>
    named('BlockSchemaCreateRequest', () =>
      z.object({
        fields: withDefault(JsonObject, {}),
        block_type_id: UuidIn,
        capabilities: withDefault(z.array(ShortText).check(z.maxLength(200)), []),
        version: withDefault(ShortText, UNVERSIONED),
      }),
    ),
  reply: () => BlockSchemaOut,
  status: 201,
})

export const listBlockSchemas = endpoint({
  method: 'POST',
  path: '/block_schemas/filter',
  scope: 'work',
  tag,
  summary: 'List block schemas, newest first.',
  body: () => named('BlockSchemaListRequest', () => z.object({ block_schemas: BlockSchemaFilterIn, ...PageIn })),
  reply: () => z.array(BlockSchemaOut),
  status: 200,
})

export const getBlockSchema = endpoint({
  method: 'GET',
  path: '/block_schemas/:id',
  scope: 'work',
  tag,
  summary: 'Get a block schema.',
  params: () => z.object({ id: UuidIn }),
  reply: () => BlockSchemaOut,
  status: 200,
})

export const getBlockSchemaByChecksum = endpoint({
  method: 'GET',
  path: '/block_schemas/checksum/:checksum',
  scope: 'work',
  tag,
  summary: 'Get a block schema by its checksum, in the given version or the newest.',
  params: () => z.object({ checksum: z.string() }),
  query: () => z.object({ version: maybe(z.string()) }),
  reply: () => BlockSchemaOut,
  status: 200,
})

export const listBlockCapabilities = endpoint({
  method: 'GET',
  path: '/block_capabilities/',
  scope: 'work',
  tag,
  summary: 'List the capabilities of block schemas.',
  reply: () => z.array(z.string()),
  status: 200,
})
