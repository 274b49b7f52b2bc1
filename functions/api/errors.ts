import type { Context } from 'hono'
import { ERROR_STATUS } from '#shared/contract/error-status.ts'
import type { Deps } from '#shared/deps.ts'
import { DomainError, type ErrorCode, type FieldProblem, SlotsTaken } from '#shared/errors.ts'
import { LeftUnprocessed } from '#shared/storage/dynamo/left-unprocessed.ts'
import { TransactionRefused } from '#shared/storage/dynamo/transact.ts'

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

/** An error as all errors are answered: its code, and one sentence under both names that Prefect's clients look for. */
export function errorBody(code: ErrorCode, message: string) {
  return { detail: message, exception_message: message, code }
}

/** An answer with an error's status and body. */
export function errorAnswer(c: Context, code: ErrorCode, message: string): Response {
  return c.json(errorBody(code, message), ERROR_STATUS[code])
}

/**
 * The body of an answer to a request whose fields were refused, in Prefect's form but for the request's own body: that
 * may be large, and may hold what should not come back in logs.
 */
export function invalidRequest(fields: readonly FieldProblem[], code: ErrorCode = 'invalid') {
  const [first] = fields
  const detail = first ? `${first.loc.join('.')}: ${first.msg}` : 'Invalid request received.'
  return { exception_message: 'Invalid request received.', exception_detail: fields, request_body: null, detail, code }
}

/** Turns whatever a route threw into a response; unexpected errors are logged in full and answered in one sentence. */
export function answerError(deps: Pick<Deps, 'log' | 'metrics'>, error: Error, c: Context): Response {
  if (error instanceof DomainError) {
    const { code, message, fields } = error
    if (fields.length > 0) return c.json(invalidRequest(fields, code), ERROR_STATUS[code])
    const wait = error instanceof SlotsTaken ? error.retryAfterSeconds : isBusy(code) ? RETRY_AFTER_SECONDS : null
    if (wait !== null) c.header('Retry-After', String(wait))
    return errorAnswer(c, code, message)
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
  if (!passing) return errorAnswer(c, 'internal', 'Internal Server Error')
  c.header('Retry-After', String(RETRY_AFTER_SECONDS))
  return errorAnswer(c, 'unavailable', 'The service is busy; retry.')
}

/** Whether the same request may succeed if it is sent again. */
function isBusy(code: ErrorCode): boolean {
  return ERROR_STATUS[code] === 503
}

function isPassing(error: Error): boolean {
  const { code } = error as NodeJS.ErrnoException
  const refused = error instanceof TransactionRefused || error instanceof LeftUnprocessed
  return refused || PASSING.has(error.name) || (code !== undefined && DISCONNECTED.has(code))
}
