import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { Deps } from '#shared/deps.ts'
import { versionProblem } from './api-version.ts'
import { assertKnown, parseCaller } from './caller.ts'
import { coreRoutes } from './core-routes.ts'
import { answerError, errorAnswer } from './errors.ts'
import { noteCalls } from './note-calls.ts'

export const API_BASE = '/api'

/**
 * The REST API as one Hono app: Lambda and the tests call it in process, with no server between. What the core routes
 * do not serve is left to the others, whose code is loaded on first use, so that starts need not read it. No request is
 * served before the service is `ready`.
 */
export function createApi(deps: Deps, ready?: () => Promise<void>): Hono {
  let others: Hono | undefined
  const notServed = async (c: Context) => {
    others ??= await createOtherApi(deps)
    return others.fetch(c.req.raw, c.env)
  }
  return appOf(deps, { mount: coreRoutes, notServed, ready, around: noteCalls(deps) })
}

/** The routes beside the core, as an app of their own. */
export async function createOtherApi(deps: Deps): Promise<Hono> {
  const { otherRoutes } = await import('./other-routes.ts')
  return appOf(deps, { mount: otherRoutes, notServed: (c) => errorAnswer(c, 'no_route', 'Not Found') })
}

interface AppParts {
  mount: (api: Hono, deps: Deps) => void
  notServed: (c: Context) => Response | Promise<Response>
  ready?: (() => Promise<void>) | undefined
  around?: MiddlewareHandler
}

function appOf(deps: Deps, { mount, notServed, ready, around }: AppParts): Hono {
  const api = new Hono({ strict: false })
  api.use(async (c, next) => {
    const problem = versionProblem(c.req.header('x-prefect-api-version'))
    return problem ? errorAnswer(c, 'unsupported_version', problem) : await next()
  })
  mount(api, deps)
  const app = new Hono({ strict: false })
  app.use(async (c, next) => {
    await ready?.()
    c.set('caller', parseCaller(c, deps.settings.requireKeys))
    assertKnown(c.get('caller'), c.req.path)
    await next()
  })
  if (around) app.use(around)
  app.route(API_BASE, api)
  app.onError((error, c) => answerError(deps, error, c))
  app.notFound(notServed)
  return app
}
