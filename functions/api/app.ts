import { Hono } from 'hono'
import type { Deps } from '../../shared/deps.ts'
import { answerError } from './errors.ts'
import { adminRoutes } from './routes/admin.ts'

export const API_BASE = '/api'

/** The REST API as one Hono app: Lambda and the tests call it in process, with no server between. */
export function createApi(deps: Deps): Hono {
  const api = new Hono({ strict: false })
  adminRoutes(api, deps)
  const app = new Hono({ strict: false })
  app.route(API_BASE, api)
  app.onError((error, c) => answerError(deps, error, c))
  app.notFound((c) => c.json({ detail: 'Not Found' }, 404))
  return app
}
