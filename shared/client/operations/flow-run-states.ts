import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const flowRunStates = {
  /** Get a state of a flow run. */
  getFlowRunState: { method: 'GET', path: '/flow_run_states/:id' },
  /** List a flow run's states, oldest first, ending with the current one. */
  listFlowRunStates: { method: 'GET', path: '/flow_run_states/', query: true },
} as const satisfies Record<string, Operation>
