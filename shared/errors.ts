/**
 * What can go wrong that a caller must know: a fact about the domain, told to clients beside the message. There are two
 * codes where a caller would act differently, and one where it would not. The contract gives each its HTTP status
 * (shared/contract/error-status.ts), and docs/errors.md says what each means.
 */
export type ErrorCode =
  | 'malformed'
  | 'unsupported_version'
  | 'unresolved'
  | 'unauthorized'
  | 'insufficient_scope'
  | 'reserved_name'
  | 'forbidden'
  | 'not_found'
  | 'no_route'
  | 'already_exists'
  | 'being_deleted'
  | 'still_held'
  | 'in_use'
  | 'schema_mismatch'
  | 'conflict'
  | 'gone'
  | 'too_large'
  | 'invalid'
  | 'too_broad'
  | 'not_supported'
  | 'limit_full'
  | 'limit_zero'
  | 'internal'
  | 'unavailable'
  | 'unfinished'

/** One field that was refused: where it is (`['body', 'state', 'type']`) and why. */
export interface FieldProblem {
  loc: (string | number)[]
  msg: string
  type: string
}

export class DomainError extends Error {
  readonly code: ErrorCode
  readonly fields: FieldProblem[]

  constructor(code: ErrorCode, message: string, fields: FieldProblem[] = []) {
    super(message)
    this.name = 'DomainError'
    this.code = code
    this.fields = fields
  }
}

/** Slots that are all taken. Asking again is worth it after so many seconds; null: never, as there are none. */
export class SlotsTaken extends DomainError {
  readonly retryAfterSeconds: number | null

  constructor(message: string, retryAfterSeconds: number | null) {
    super(retryAfterSeconds === null ? 'limit_zero' : 'limit_full', message)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** A thing that is named by the request and does not exist. */
export function notFound(noun: string, name: string): DomainError {
  return new DomainError('not_found', `${noun} '${name}' not found.`)
}

export function alreadyExists(noun: string, name: string): DomainError {
  return new DomainError('already_exists', `${noun} '${name}' already exists.`)
}

/** A request whose field holds a value that it can't. */
export function invalidField(loc: (string | number)[], msg: string, type = 'value_error'): DomainError {
  return new DomainError('invalid', `${loc.join('.')}: ${msg}`, [{ loc, msg, type }])
}

/** An error that nobody expected, as fields of a log line: what it says, and where it came from. */
export function errorFields(error: unknown): { reason: string; stack?: string | undefined } {
  return error instanceof Error ? { reason: String(error), stack: error.stack } : { reason: String(error) }
}
