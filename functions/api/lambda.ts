import { ApiEnv, parseEnv } from '#shared/config.ts'
import { formatCheck } from '../runtime/after-format.ts'
import { awsDeps } from '../runtime/aws-deps.ts'
import { lazy } from '../runtime/lazy.ts'
import { observe, observed } from '../runtime/observe.ts'
import { createApiHandler } from './handler.ts'

/** Answers the HTTP API. */
export const handler = lazy(() => {
  const env = parseEnv(ApiEnv, process.env)
  const observer = observe('api', env.STACK_NAME)
  const deps = awsDeps(env, observer)
  return observed(observer, createApiHandler(deps, formatCheck(deps)))
})
