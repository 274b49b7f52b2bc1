import type { ErrorCode, FieldProblem } from '#shared/errors.ts'

/** The service's codes, and those for answers that are not its own; a newer service may have more. */
export type ClientErrorCode =
  | ErrorCode
  | 'throttled'
  | 'bad_gateway'
  | 'gateway_timeout'
  | 'unreadable_reply'
  | 'unknown'
  | (string & {})

interface ApiErrorInit {
  status: number
  code: ClientErrorCode
  fields?: readonly FieldProblem[] | undefined
  requestId?: string | undefined
  retryAfterSeconds?: number | undefined
  transient?: boolean | undefined
  cause?: unknown
}

/** The service answered, and not with a success. The message is a sentence for people. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError'
  readonly status: number
  /** A machine-readable code, which tells apart errors of the same status. */
  readonly code: ClientErrorCode
  /** The fields that were rejected: where each is, and why. */
  readonly fields: readonly FieldProblem[]
  /** The request's id in API Gateway's logs. */
  readonly requestId: string | undefined
  /** The service's Retry-After. */
  readonly retryAfterSeconds: number | undefined
  /** The same request may succeed after a moment. */
  readonly transient: boolean
  /** It is not known whether the request was carried out. */
  readonly outcomeUnknown: boolean

  constructor(message: string, init: ApiErrorInit) {
    super(message, init.cause === undefined ? {} : { cause: init.cause })
    this.status = init.status
    this.code = init.code
    this.fields = init.fields ?? []
    this.requestId = init.requestId
    this.retryAfterSeconds = init.retryAfterSeconds
    this.transient = init.transient ?? false
    // A 429 is the gateway's, which then forwards nothing. A 503 may be the storage's, whose write may have been done.
    this.outcomeUnknown = init.status >= 500
  }
}

/** There was no answer, or not all of it. The cause is what `fetch` threw. */
export class ConnectionError extends Error {
  override readonly name: string = 'ConnectionError'
  readonly transient = true
  readonly retryAfterSeconds = undefined
  /** Whether the request may have been carried out. */
  readonly outcomeUnknown: boolean

  constructor(message: string, { cause, outcomeUnknown }: { cause: unknown; outcomeUnknown: boolean }) {
    super(message, { cause })
    this.outcomeUnknown = outcomeUnknown
  }
}

/** No response in time. */
export class TimeoutError extends ConnectionError {
  override readonly name = 'TimeoutError'
}

/** Why a try of a request failed. */
export type Failure = ApiError | ConnectionError
