import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const flowRunInputs = {
  /** Create an input of a flow run under a new key. */
  createFlowRunInput: { method: 'POST', path: '/flow_runs/:id/input', body: true },
  /** Delete an input of a flow run. */
  deleteFlowRunInput: { method: 'DELETE', path: '/flow_runs/:id/input/:key', repeat: 'always' },
  /** Get an input of a flow run as plain text. */
  getFlowRunInput: { method: 'GET', path: '/flow_runs/:id/input/:key', plainText: true },
  /** List a flow run's inputs by key prefix, oldest first. */
  listFlowRunInputs: { method: 'POST', path: '/flow_runs/:id/input/filter', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
