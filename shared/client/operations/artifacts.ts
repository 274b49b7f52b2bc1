import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const artifacts = {
  /** Create an artifact. */
  createArtifact: { method: 'POST', path: '/artifacts/', body: true },
  /** Delete an artifact. */
  deleteArtifact: { method: 'DELETE', path: '/artifacts/:id', repeat: 'always' },
  /** Get an artifact. */
  getArtifact: { method: 'GET', path: '/artifacts/:id' },
  /** Get the latest artifact of a key. */
  getLatestArtifact: { method: 'GET', path: '/artifacts/:key/latest' },
  /** List artifacts among the newest 5,000. */
  listArtifacts: { method: 'POST', path: '/artifacts/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List the latest artifact of each key among the newest 5,000 artifacts. */
  listLatestArtifacts: {
    method: 'POST',
    path: '/artifacts/latest/filter',
    body: true,
    pages: 'offset',
    repeat: 'always',
  },
  /** Update an artifact; omitted fields stay unchanged. */
  updateArtifact: { method: 'PATCH', path: '/artifacts/:id', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
