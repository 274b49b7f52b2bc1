import { AuthorizerEnv, parseEnv } from '#shared/config.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { lazy } from '../runtime/lazy.ts'
import { observe, observed } from '../runtime/observe.ts'
import { systemClock } from '../runtime/system.ts'
import { createAuthorizer } from './handler.ts'

/** API Gateway gives an authorizer 10 seconds, in which it can say that the table is busy after four tries. */
const TABLE_TIMEOUT_MS = 2_000

/** Identifies callers of the HTTP API. */
export const handler = lazy(() => {
  const env = parseEnv(AuthorizerEnv, process.env)
  const observer = observe('authorizer', env.STACK_NAME)
  const table = openTable({ tableName: env.TABLE_NAME, timeoutMs: TABLE_TIMEOUT_MS })
  // It launches nothing, so the URL that tasks get is not needed.
  const settings = { requireKeys: env.REQUIRE_KEYS, apiUrl: '' }
  return observed(observer, createAuthorizer({ table, clock: systemClock, log: observer.log, settings }))
})
