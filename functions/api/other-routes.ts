import type { Hono } from 'hono'
import type { Deps } from '#shared/deps.ts'
import { agentRoutes } from './routes/agents.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { artifactRoutes } from './routes/artifacts.ts'
import { automationRoutes } from './routes/automations.ts'
import { blockDocumentRoutes } from './routes/block-documents.ts'
import { blockSchemaRoutes } from './routes/block-schemas.ts'
import { blockTypeRoutes } from './routes/block-types.ts'
import { collectionRoutes } from './routes/collections.ts'
import { concurrencyStatusRoutes } from './routes/concurrency-status.ts'
import { deleteRoutes } from './routes/deletes.ts'
import { deploymentScheduleRoutes } from './routes/deployment-schedules.ts'
import { explainRoutes } from './routes/explain.ts'
import { flowRunInputRoutes } from './routes/flow-run-inputs.ts'
import { globalLimitRoutes } from './routes/global-limits.ts'
import { legacyWorkQueueRoutes } from './routes/legacy-work-queues.ts'
import { tagLimitRoutes } from './routes/tag-limits.ts'
import { taskRunStateRoutes } from './routes/task-run-states.ts'
import { taskRunRoutes } from './routes/task-runs.ts'
import { variableRoutes } from './routes/variables.ts'
import { workQueueRoutes } from './routes/work-queues.ts'

/** Serves what most runs never call. */
export function otherRoutes(api: Hono, deps: Deps): void {
  apiKeyRoutes(api, deps)
  agentRoutes(api, deps)
  deleteRoutes(api, deps)
  workQueueRoutes(api, deps)
  legacyWorkQueueRoutes(api, deps)
  concurrencyStatusRoutes(api, deps)
  deploymentScheduleRoutes(api, deps)
  flowRunInputRoutes(api, deps)
  taskRunRoutes(api, deps)
  taskRunStateRoutes(api, deps)
  globalLimitRoutes(api, deps)
  tagLimitRoutes(api, deps)
  explainRoutes(api, deps)
  variableRoutes(api, deps)
  blockTypeRoutes(api, deps)
  blockSchemaRoutes(api, deps)
  blockDocumentRoutes(api, deps)
  collectionRoutes(api)
  artifactRoutes(api, deps)
  automationRoutes(api)
}
