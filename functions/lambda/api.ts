import { ApiEnv, readEnv } from '../../shared/config.ts'
import { createApiHandler } from '../api/lambda.ts'
import { awsDeps } from '../aws-deps.ts'
import { lazy } from '../lazy.ts'
import { observe, observed } from '../observe.ts'

/** Answers the HTTP API. */
export const handler = lazy(() => {
  const env = readEnv(ApiEnv, process.env)
  const observer = observe('api', env.STACK_NAME)
  return observed(observer, createApiHandler(awsDeps(env, observer)))
})
