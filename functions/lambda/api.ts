import { ApiEnv, readEnv } from '../../shared/config.ts'
import { createApiHandler } from '../api/lambda.ts'
import { awsDeps } from '../aws-deps.ts'
import { lazy } from '../lazy.ts'
import { observe, observed } from '../observe.ts'

// Node loads its fetch classes when they are first touched, which takes some 30 ms: here it is part of the cold start,
// where Lambda gives more CPU, and not of the first answer.
void new Response(new Request('http://localhost').body)

/** Answers the HTTP API. */
export const handler = lazy(() => {
  const observer = observe('api')
  return observed(observer, createApiHandler(awsDeps(readEnv(ApiEnv, process.env), observer)))
})
