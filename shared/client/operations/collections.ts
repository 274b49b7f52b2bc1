import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const collections = {
  /** Get a view of the collection registry; `aggregate-worker-metadata` lists the work pool types. */
  getCollectionView: { method: 'GET', path: '/collections/views/:view' },
} as const satisfies Record<string, Operation>
