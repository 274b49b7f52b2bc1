import { handle } from 'hono/aws-lambda'
import type { Deps } from '../../shared/deps.ts'
import { createApi } from './app.ts'

/** Answers API Gateway's HTTP API events (payload format 2.0). */
export function createApiHandler(deps: Deps) {
  return handle(createApi(deps))
}
