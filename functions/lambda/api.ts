import { ApiEnv, readEnv } from '../../shared/config.ts'
import { createApiHandler } from '../api/lambda.ts'
import { awsDeps } from '../aws-deps.ts'
import { lazy } from '../lazy.ts'
import { observe, observed } from '../observe.ts'

/** Answers the HTTP API. */
export const handler = lazy(() => {
  const observer = observe('api')
  return observed(observer, createApiHandler(awsDeps(readEnv(ApiEnv, process.env), observer)))
})
