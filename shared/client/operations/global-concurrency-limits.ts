import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const globalConcurrencyLimits = {
  /** Acquire slots without a lease, of all named limits or of none; names without a limit are ignored. */
  acquireSlots: { method: 'POST', path: '/v2/concurrency_limits/increment', body: true },
  /** Acquire slots under a lease, of all named limits or of none; they are released when it ends or expires. */
  acquireSlotsWithLease: { method: 'POST', path: '/v2/concurrency_limits/increment-with-lease', body: true },
  /** Create a global concurrency limit; one with a decay is a rate limit. */
  createGlobalLimit: { method: 'POST', path: '/v2/concurrency_limits/', body: true },
  /** Delete a global concurrency limit; holders of its slots keep running. */
  deleteGlobalLimit: { method: 'DELETE', path: '/v2/concurrency_limits/:id_or_name', repeat: 'always' },
  /** Get a global concurrency limit by its id or name. */
  getGlobalLimit: { method: 'GET', path: '/v2/concurrency_limits/:id_or_name' },
  /** List global concurrency limits by name. */
  listGlobalLimits: {
    method: 'POST',
    path: '/v2/concurrency_limits/filter',
    body: true,
    pages: 'offset',
    repeat: 'always',
  },
  /** Release slots that were acquired without a lease. */
  releaseSlots: { method: 'POST', path: '/v2/concurrency_limits/decrement', body: true },
  /** Release a lease and its slots; an expired lease has released them already. */
  releaseSlotsWithLease: { method: 'POST', path: '/v2/concurrency_limits/decrement-with-lease', body: true },
  /** Renew a lease for this long from now. */
  renewLease: { method: 'POST', path: '/v2/concurrency_limits/leases/:id/renew', body: true, repeat: 'always' },
  /** Update a global concurrency limit; held slots stay held, unless active_slots is 0. */
  updateGlobalLimit: { method: 'PATCH', path: '/v2/concurrency_limits/:id_or_name', body: true },
} as const satisfies Record<string, Operation>
