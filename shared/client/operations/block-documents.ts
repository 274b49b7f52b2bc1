import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const blockDocuments = {
  /** Count block documents; anonymous ones only on request. */
  countBlockDocuments: { method: 'POST', path: '/block_documents/count', body: true, repeat: 'always' },
  /** Create a block document. Values in secret fields of its schema are rejected. */
  createBlockDocument: { method: 'POST', path: '/block_documents/', body: true },
  /** Delete a block document. Fields of other blocks that reference it are removed. */
  deleteBlockDocument: { method: 'DELETE', path: '/block_documents/:id', repeat: 'always' },
  /** Get a block document, with the data of the blocks that it references. */
  getBlockDocument: { method: 'GET', path: '/block_documents/:id' },
  /** Get a block document by its type and name. */
  getBlockDocumentByName: { method: 'GET', path: '/block_types/slug/:slug/block_documents/name/:name' },
  /** List block documents; anonymous ones only on request. */
  listBlockDocuments: {
    method: 'POST',
    path: '/block_documents/filter',
    body: true,
    pages: 'offset',
    repeat: 'always',
  },
  /** List the block documents of a type, without anonymous ones. */
  listBlockDocumentsOfType: { method: 'GET', path: '/block_types/slug/:slug/block_documents' },
  /** Update a block document. Values in secret fields of its schema are rejected. */
  updateBlockDocument: { method: 'PATCH', path: '/block_documents/:id', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
