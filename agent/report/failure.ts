import { ApiError, ConnectionError } from '#shared/client/errors.ts'

/** A call failed in a way that may pass: the service is away, overloaded, being replaced, or its key is being rotated. */
export function mayPass(error: unknown): boolean {
  if (error instanceof ConnectionError) return true
  if (!(error instanceof ApiError)) return false
  const { status, code } = error
  // What stands in for the service answers with a page, or with a 404 of its own.
  if (code === 'unreadable_reply' || code === 'no_route') return true
  return isKeyRefused(error) || status === 408 || status === 429 || status >= 500 || (status >= 300 && status < 400)
}

/** The service refused the key, or what the key may do. */
export function isKeyRefused(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.status === 403)
}

/** The service was reached, and failed at this very request: what stands before it would have said so otherwise. */
export function isOwnFailure(error: unknown): boolean {
  return error instanceof ApiError && error.status === 500 && !error.transient
}

/** What a call is about does not exist any more. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404 && error.code !== 'no_route'
}

/** The words of an error. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
