import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const workQueues = {
  /** Create a work queue; its priority defaults to the lowest free number. */
  createWorkQueue: { method: 'POST', path: '/work_pools/:pool/queues', body: true },
  /** Delete a work queue; its waiting runs are cancelled. Rejected while its runs hold slots. */
  deleteWorkQueue: { method: 'DELETE', path: '/work_pools/:pool/queues/:queue', repeat: 'always' },
  /** Get a work queue. */
  getWorkQueue: { method: 'GET', path: '/work_pools/:pool/queues/:queue' },
  /** List a work pool's queues, highest priority first. */
  listWorkQueues: {
    method: 'POST',
    path: '/work_pools/:pool/queues/filter',
    body: true,
    pages: 'offset',
    repeat: 'always',
  },
  /** Update a work queue: pause or resume it, set or clear its limit, change its priority or name. */
  updateWorkQueue: { method: 'PATCH', path: '/work_pools/:pool/queues/:queue', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
