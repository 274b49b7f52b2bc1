import type { Hono } from 'hono'
import type { Deps } from '#shared/deps.ts'
import { adminRoutes } from './routes/admin.ts'
import { deploymentRoutes } from './routes/deployments.ts'
import { flowRunStateRoutes } from './routes/flow-run-states.ts'
import { flowRunRoutes } from './routes/flow-runs.ts'
import { flowRoutes } from './routes/flows.ts'
import { logRoutes } from './routes/logs.ts'
import { pollRoutes } from './routes/polls.ts'
import { workPoolRoutes } from './routes/work-pools.ts'
import { workerRoutes } from './routes/workers.ts'

/** Serves what runs need on their way from a deployment to their end, and the pools that hand them out. */
export function coreRoutes(api: Hono, deps: Deps): void {
  adminRoutes(api, deps)
  workPoolRoutes(api, deps)
  workerRoutes(api, deps)
  pollRoutes(api, deps)
  flowRoutes(api, deps)
  deploymentRoutes(api, deps)
  flowRunRoutes(api, deps)
  flowRunStateRoutes(api, deps)
  logRoutes(api, deps)
}
