import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const agents = {
  /** Claim runs for an agent, renew its session's lease, and say what it must stop. Not in Prefect. */
  claimWork: { method: 'POST', path: '/work_pools/:name/claim', body: true, repeat: 'always' },
  /** Forget an agent; what it holds ends with its lease, and one that still runs comes back. Not in Prefect. */
  deleteAgent: { method: 'DELETE', path: '/agents/:id', repeat: 'always' },
  /** Have an agent finish what it holds, take nothing more, and exit. Not in Prefect. */
  drainAgent: { method: 'POST', path: '/agents/:id/drain', repeat: 'always' },
  /** Get an agent. Not in Prefect. */
  getAgent: { method: 'GET', path: '/agents/:id' },
  /** List agents by name. Not in Prefect. */
  listAgents: { method: 'POST', path: '/agents/filter', body: true, pages: 'offset', repeat: 'always' },
  /** Hand nothing more to an agent, for a time or until it is resumed; what it holds goes on. Not in Prefect. */
  pauseAgent: { method: 'POST', path: '/agents/:id/pause', body: true },
  /** End the pause of an agent. Not in Prefect. */
  resumeAgent: { method: 'POST', path: '/agents/:id/resume', repeat: 'always' },
} as const satisfies Record<string, Operation>
