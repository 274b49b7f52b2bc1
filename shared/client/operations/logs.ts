import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const logs = {
  /** Create log lines; lines sent again are stored once. */
  createLogs: { method: 'POST', path: '/logs/', body: true, repeat: 'always' },
  /** List the log lines of flow runs. */
  listLogs: { method: 'POST', path: '/logs/filter', body: true, pages: 'offset', repeat: 'always' },
} as const satisfies Record<string, Operation>
