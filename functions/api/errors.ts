import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Deps } from '#shared/deps.ts'
import { DomainError, type ErrorCode, type FieldProblem, SlotsTaken } from '#shared/errors.ts'
import { TransactionRefused } from '#shared/storage/dynamo/transact.ts'
import { MalformedBody } from './malformed-body.ts'

const STATUS = {
  not_found: 404,
  already_exists: 409,
  conflict: 409,
  invalid: 422,
  unresolved: 400,
  too_large: 413,
  forbidden: 403,
  gone: 410,
  locked: 423,
  unavailable: 503,
} as const satisfies Record<ErrorCode, ContentfulStatusCode>

/** SDK errors after which the same request may succeed; Prefect's clients retry a 503 by themselves. */
const PASSING = new Set([
  'TimeoutError',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
  'TransactionInProgressException',
  'TransactionConflictException',
])
/** Connections that failed (Node's error codes). */
const DISCONNECTED = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'])
const RETRY_AFTER_SECONDS = 1

/** An error in one sentence, under both names that Prefect's clients look for. */
export function errorBody(message: string) {
  return { detail: message, exception_message: message }
}

/**
 * The body of an answer to a request whose fields were refused, in Prefect's form but for the request's own body: that
 * may be large, and may hold what should not come back in logs.
 */
export function invalidRequest(fields: readonly FieldProblem[]) {
  const [first] = fields
  const detail = first ? `${first.loc.join('.')}: ${first.msg}` : 'Invalid request received.'
  return { exception_message: 'Invalid request received.', exception_detail: fields, request_body: null, detail }
}

/** Turns whatever a route threw into an answer; what nobody expected is logged in full and told in one sentence. */
export function answerError(deps: Pick<Deps, 'log' | 'metrics'>, error: Error, c: Context): Response {
  if (error instanceof HTTPException) return c.json(errorBody(error.message), error.status)
  if (error instanceof MalformedBody) return c.json(errorBody(error.message), 400)
  if (error instanceof DomainError) {
    const { code, message, fields } = error
    if (fields.length > 0) return c.json(invalidRequest(fields), STATUS[code])
    const wait =
      error instanceof SlotsTaken ? error.retryAfterSeconds : code === 'unavailable' ? RETRY_AFTER_SECONDS : null
    if (wait !== null) c.header('Retry-After', String(wait))
    return c.json(errorBody(message), STATUS[code])
  }
  const passing = isPassing(error)
  deps.log.error(passing ? 'storage was busy' : 'unexpected error', {
    method: c.req.method,
    path: c.req.path,
    error: error.name,
    reason: error.message,
    stack: error.stack,
  })
  deps.metrics.count(passing ? 'StorageBusy' : 'UnexpectedErrors', 1)
  if (!passing) return c.json(errorBody('Internal Server Error'), 500)
  c.header('Retry-After', String(RETRY_AFTER_SECONDS))
  return c.json(errorBody('The service is busy; try again.'), 503)
}

function isPassing(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException
  return (
    error instanceof TransactionRefused || PASSING.has(error.name) || (code !== undefined && DISCONNECTED.has(code))
  )
}
