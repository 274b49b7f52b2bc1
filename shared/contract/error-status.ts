import type { ErrorCode } from '#shared/errors.ts'

/** The HTTP status of each error code; the compiler requires one for each new code. */
export const ERROR_STATUS = {
  malformed: 400,
  unsupported_version: 400,
  unresolved: 400,
  unauthorized: 401,
  insufficient_scope: 403,
  reserved_name: 403,
  forbidden: 403,
  not_found: 404,
  no_route: 404,
  already_exists: 409,
  being_deleted: 409,
  still_held: 409,
  in_use: 409,
  schema_mismatch: 409,
  no_slot: 409,
  stale_generation: 409,
  session_lost: 409,
  session_taken: 409,
  conflict: 409,
  gone: 410,
  too_large: 413,
  invalid: 422,
  too_broad: 422,
  not_supported: 422,
  limit_full: 423,
  limit_zero: 423,
  internal: 500,
  unavailable: 503,
  unfinished: 503,
} as const satisfies Record<ErrorCode, number>

export const ERROR_CODES = Object.keys(ERROR_STATUS) as ErrorCode[]
