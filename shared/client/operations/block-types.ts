import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const blockTypes = {
  /** Create a block type, or get the one that says the same. */
  createBlockType: { method: 'POST', path: '/block_types/', body: true, repeat: 'always' },
  /** Delete a block type that has no block documents, with its schemas. */
  deleteBlockType: { method: 'DELETE', path: '/block_types/:id', repeat: 'always' },
  /** Get a block type. */
  getBlockType: { method: 'GET', path: '/block_types/:id' },
  /** Get a block type by its slug. */
  getBlockTypeBySlug: { method: 'GET', path: '/block_types/slug/:slug' },
  /** List block types by name. */
  listBlockTypes: { method: 'POST', path: '/block_types/filter', body: true, pages: 'offset', repeat: 'always' },
  /** Update a block type's presentation; omitted fields stay unchanged. */
  updateBlockType: { method: 'PATCH', path: '/block_types/:id', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
