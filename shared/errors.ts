/**
 * An error that a caller must handle: a fact about the domain, sent to clients beside the message. There are two codes
 * where a caller would act differently, and one where it would not. The contract gives each its HTTP status
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
  | 'no_slot'
  | 'stale_generation'
  | 'session_lost'
  | 'session_taken'
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

/** Slots that are all taken. Retrying is worthwhile after this many seconds; null: never, as the limit is 0. */
export class SlotsTaken extends DomainError {
  readonly retryAfterSeconds: number | null

  constructor(message: string, retryAfterSeconds: number | null) {
    super(retryAfterSeconds === null ? 'limit_zero' : 'limit_full', message)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** A thing named by the request that does not exist. */
export function notFound(noun: string, name: string): DomainError {
  return new DomainError('not_found', `${noun} '${name}' not found.`)
}

/** A thing that would get a name or key that another has. */
export function alreadyExists(noun: string, name: string): DomainError {
  return new DomainError('already_exists', `${noun} '${name}' already exists.`)
}

/** A request with an invalid field. */
export function invalidField(loc: (string | number)[], msg: string, type = 'value_error'): DomainError {
  return new DomainError('invalid', `${loc.join('.')}: ${msg}`, [{ loc, msg, type }])
}

/** An unexpected error as fields of a log line: its message and origin. */
export function errorFields(error: unknown): { reason: string; stack?: string | undefined } {
  return error instanceof Error ? { reason: String(error), stack: error.stack } : { reason: String(error) }
}
