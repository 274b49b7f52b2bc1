import { Hono } from 'hono'
import type { Deps } from '../../shared/deps.ts'
import { versionProblem } from './api-version.ts'
import { readCaller, refuseUnknown } from './caller.ts'
import { answerError, errorBody } from './errors.ts'
import { adminRoutes } from './routes/admin.ts'
import { apiKeyRoutes } from './routes/api-keys.ts'
import { artifactRoutes } from './routes/artifacts.ts'
import { automationRoutes } from './routes/automations.ts'
import { blockDocumentRoutes } from './routes/block-documents.ts'
import { blockSchemaRoutes } from './routes/block-schemas.ts'
import { blockTypeRoutes } from './routes/block-types.ts'
import { collectionRoutes } from './routes/collections.ts'
import { concurrencyStatusRoutes } from './routes/concurrency-status.ts'
import { deploymentScheduleRoutes } from './routes/deployment-schedules.ts'
import { deploymentRoutes } from './routes/deployments.ts'
import { explainRoutes } from './routes/explain.ts'
import { flowRunInputRoutes } from './routes/flow-run-inputs.ts'
import { flowRunStateRoutes } from './routes/flow-run-states.ts'
import { flowRunRoutes } from './routes/flow-runs.ts'
import { flowRoutes } from './routes/flows.ts'
import { globalLimitRoutes } from './routes/global-limits.ts'
import { legacyWorkQueueRoutes } from './routes/legacy-work-queues.ts'
import { logRoutes } from './routes/logs.ts'
import { pollRoutes } from './routes/polls.ts'
import { variableRoutes } from './routes/variables.ts'
import { tagLimitRoutes } from './routes/tag-limits.ts'
import { taskRunStateRoutes } from './routes/task-run-states.ts'
import { taskRunRoutes } from './routes/task-runs.ts'
import { workPoolRoutes } from './routes/work-pools.ts'
import { workQueueRoutes } from './routes/work-queues.ts'
import { workerRoutes } from './routes/workers.ts'

export const API_BASE = '/api'

/** The REST API as one Hono app: Lambda and the tests call it in process, with no server between. */
export function createApi(deps: Deps): Hono {
  const api = new Hono({ strict: false })
  api.use(async (c, next) => {
    const problem = versionProblem(c.req.header('x-prefect-api-version'))
    return problem ? c.json(errorBody(problem), 400) : await next()
  })
  adminRoutes(api, deps)
  apiKeyRoutes(api, deps)
  workPoolRoutes(api, deps)
  workQueueRoutes(api, deps)
  legacyWorkQueueRoutes(api, deps)
  concurrencyStatusRoutes(api, deps)
  workerRoutes(api, deps)
  pollRoutes(api, deps)
  flowRoutes(api, deps)
  deploymentRoutes(api, deps)
  deploymentScheduleRoutes(api, deps)
  flowRunRoutes(api, deps)
  flowRunStateRoutes(api, deps)
  flowRunInputRoutes(api, deps)
  taskRunRoutes(api, deps)
  taskRunStateRoutes(api, deps)
  globalLimitRoutes(api, deps)
  tagLimitRoutes(api, deps)
  explainRoutes(api, deps)
  logRoutes(api, deps)
  variableRoutes(api, deps)
  blockTypeRoutes(api, deps)
  blockSchemaRoutes(api, deps)
  blockDocumentRoutes(api, deps)
  collectionRoutes(api)
  artifactRoutes(api, deps)
  automationRoutes(api)
  const app = new Hono({ strict: false })
  app.use(async (c, next) => {
    c.set('caller', readCaller(c, deps.settings.requireKeys))
    refuseUnknown(c.get('caller'), c.req.path)
    await next()
  })
  app.route(API_BASE, api)
  app.onError((error, c) => answerError(deps, error, c))
  app.notFound((c) => c.json(errorBody('Not Found'), 404))
  return app
}
