import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const tagLimits = {
  /** Acquire a slot of each of these tags for a task run, of all or of none. */
  acquireTagSlots: { method: 'POST', path: '/concurrency_limits/increment', body: true, repeat: 'always' },
  /** Create or update the limit on a tag; 200 if it existed. */
  createTagLimit: { method: 'POST', path: '/concurrency_limits/', body: true, repeat: 'always' },
  /** Delete the limit on a tag by its id. */
  deleteTagLimit: { method: 'DELETE', path: '/concurrency_limits/:id', repeat: 'always' },
  /** Delete the limit on a tag. */
  deleteTagLimitByTag: { method: 'DELETE', path: '/concurrency_limits/tag/:tag', repeat: 'always' },
  /** Get the limit on a tag by its id, with the task runs that hold its slots. */
  getTagLimit: { method: 'GET', path: '/concurrency_limits/:id' },
  /** Get the limit on a tag, with the task runs that hold its slots. */
  getTagLimitByTag: { method: 'GET', path: '/concurrency_limits/tag/:tag' },
  /** List the limits on tags, with the task runs that hold their slots. */
  listTagLimits: { method: 'POST', path: '/concurrency_limits/filter', body: true, pages: 'offset', repeat: 'always' },
  /** Release the slots that a task run holds of these tags. */
  releaseTagSlots: { method: 'POST', path: '/concurrency_limits/decrement', body: true, repeat: 'always' },
  /** Release the slots of all task runs but those named. */
  resetTagLimitByTag: { method: 'POST', path: '/concurrency_limits/tag/:tag/reset', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
