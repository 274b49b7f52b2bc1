import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const workPools = {
  /** Count work pools. */
  countWorkPools: { method: 'POST', path: '/work_pools/count', body: true, repeat: 'always' },
  /** Create a work pool with its default queue. */
  createWorkPool: { method: 'POST', path: '/work_pools/', body: true },
  /** Delete a work pool and its queues; waiting runs are cancelled. Rejected while runs hold slots. */
  deleteWorkPool: { method: 'DELETE', path: '/work_pools/:name', repeat: 'always' },
  /** Get a work pool. */
  getWorkPool: { method: 'GET', path: '/work_pools/:name' },
  /** Get a work pool's held slots by queue, with the runs that hold them. */
  getWorkPoolSlots: { method: 'POST', path: '/work_pools/:name/concurrency_status', body: true, repeat: 'always' },
  /** List work pools by name. */
  listWorkPools: { method: 'POST', path: '/work_pools/filter', body: true, pages: 'offset', repeat: 'always' },
  /** Update a work pool: pause or resume it, set or clear its limit, replace its job template. */
  updateWorkPool: { method: 'PATCH', path: '/work_pools/:name', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
