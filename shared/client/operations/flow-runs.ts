import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const flowRuns = {
  /** Count flow runs. */
  countFlowRuns: { method: 'POST', path: '/flow_runs/count', body: true, repeat: 'always' },
  /** Create a flow run; a repeated idempotency key returns the existing run with 200. */
  createFlowRun: { method: 'POST', path: '/flow_runs/', body: true, repeat: 'keyed' },
  /** Delete a flow run and its logs; one that holds slots must be cancelled first. */
  deleteFlowRun: { method: 'DELETE', path: '/flow_runs/:id', repeat: 'always' },
  /** Explain why a flow run is waiting, with the same code that hands runs out. Not in Prefect. */
  explainFlowRun: { method: 'GET', path: '/flow_runs/:id/explain' },
  /** Explain up to 200 flow runs at once, in the order given; unknown ones are left out. Not in Prefect. */
  explainFlowRuns: { method: 'POST', path: '/flow_runs/explain', body: true, repeat: 'always' },
  /** Get a flow run. */
  getFlowRun: { method: 'GET', path: '/flow_runs/:id' },
  /** List flow runs, by default the latest expected start first. */
  listFlowRuns: { method: 'POST', path: '/flow_runs/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List flow runs by page, with their count. */
  paginateFlowRuns: { method: 'POST', path: '/flow_runs/paginate', body: true, pages: 'number', repeat: 'always' },
  /** Resume a flow run that is paused or suspended. */
  resumeFlowRun: { method: 'POST', path: '/flow_runs/:id/resume', body: true },
  /** Add to a flow run's labels. */
  setFlowRunLabels: { method: 'PATCH', path: '/flow_runs/:id/labels', body: true, repeat: 'always' },
  /** Propose a state; the response says whether it was accepted, and is 200 if nothing was stored. */
  setFlowRunState: { method: 'POST', path: '/flow_runs/:id/set_state', body: true },
  /** Update a flow run; omitted fields stay unchanged. */
  updateFlowRun: { method: 'PATCH', path: '/flow_runs/:id', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
