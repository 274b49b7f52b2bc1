import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const polls = {
  /** Poll a work pool for runs to start, highest queue priority first. */
  pollWorkPool: { method: 'POST', path: '/work_pools/:name/get_scheduled_flow_runs', body: true, repeat: 'always' },
  /** Poll a work queue for runs to start. */
  pollWorkQueue: { method: 'POST', path: '/work_queues/:id/get_runs', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
