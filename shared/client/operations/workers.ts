import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const workers = {
  /** Delete a worker. */
  deleteWorker: { method: 'DELETE', path: '/work_pools/:pool/workers/:worker', repeat: 'always' },
  /** List a work pool's workers, latest heartbeat first. */
  listWorkers: {
    method: 'POST',
    path: '/work_pools/:pool/workers/filter',
    body: true,
    pages: 'offset',
    repeat: 'always',
  },
  /** Record a heartbeat of a worker. */
  recordWorkerHeartbeat: { method: 'POST', path: '/work_pools/:pool/workers/heartbeat', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
