import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const flows = {
  /** Count flows. */
  countFlows: { method: 'POST', path: '/flows/count', body: true, repeat: 'always' },
  /** Create a flow; an existing flow of that name is returned with 200. */
  createFlow: { method: 'POST', path: '/flows/', body: true, repeat: 'always' },
  /** Delete a flow that has no deployments and no flow runs. */
  deleteFlow: { method: 'DELETE', path: '/flows/:id', repeat: 'always' },
  /** Get a flow. */
  getFlow: { method: 'GET', path: '/flows/:id' },
  /** Get a flow by its name. */
  getFlowByName: { method: 'GET', path: '/flows/name/:name' },
  /** List flows. */
  listFlows: { method: 'POST', path: '/flows/filter', body: true, pages: 'offset', repeat: 'always' },
  /** Replace a flow's tags. */
  updateFlow: { method: 'PATCH', path: '/flows/:id', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
