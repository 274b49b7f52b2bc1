import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const blockSchemas = {
  /** Create a block schema; an existing one of the same content and version is returned with 200. */
  createBlockSchema: { method: 'POST', path: '/block_schemas/', body: true, repeat: 'always' },
  /** Get a block schema. */
  getBlockSchema: { method: 'GET', path: '/block_schemas/:id' },
  /** Get a block schema by its checksum, in the given version or the newest. */
  getBlockSchemaByChecksum: { method: 'GET', path: '/block_schemas/checksum/:checksum', query: true },
  /** List the capabilities of block schemas. */
  listBlockCapabilities: { method: 'GET', path: '/block_capabilities/' },
  /** List block schemas, newest first. */
  listBlockSchemas: { method: 'POST', path: '/block_schemas/filter', body: true, pages: 'offset', repeat: 'always' },
} as const satisfies Record<string, Operation>
