/**
 * What can go wrong that a caller must know. A code is a fact about the domain; functions/api/errors.ts gives each its
 * HTTP status, and the compiler asks for one whenever a code is added here.
 */
export type ErrorCode =
  | 'not_found'
  | 'already_exists'
  | 'conflict'
  | 'invalid'
  | 'unresolved'
  | 'too_large'
  | 'forbidden'
  | 'gone'
  | 'locked'
  | 'unavailable'

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
    super('locked', message)
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
