import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const workQueuesById = {
  /** Create a work queue in the default agent pool. */
  createLegacyWorkQueue: { method: 'POST', path: '/work_queues/', body: true },
  /** Delete a work queue by its id; its waiting runs are cancelled. */
  deleteWorkQueueById: { method: 'DELETE', path: '/work_queues/:id', repeat: 'always' },
  /** Get a work queue of the default agent pool by its name. */
  getLegacyWorkQueueByName: { method: 'GET', path: '/work_queues/name/:name' },
  /** Get a work queue by its id. */
  getWorkQueueById: { method: 'GET', path: '/work_queues/:id' },
  /** Get a work queue's held slots by page, with the runs that hold them. */
  getWorkQueueSlots: { method: 'POST', path: '/work_queues/:id/concurrency_status', body: true, repeat: 'always' },
  /** Get the status of a work queue: whether it was polled recently and has no late runs. */
  getWorkQueueStatus: { method: 'GET', path: '/work_queues/:id/status' },
  /** List the work queues of all pools by name. */
  listAllWorkQueues: { method: 'POST', path: '/work_queues/filter', body: true, pages: 'offset', repeat: 'always' },
  /** Update a work queue by its id. */
  updateWorkQueueById: { method: 'PATCH', path: '/work_queues/:id', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
