import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const events = {
  /** List events; always empty. */
  listEvents: { method: 'POST', path: '/events/filter', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
