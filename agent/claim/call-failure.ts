import { ApiError, ConnectionError } from '#shared/client/errors.ts'
import { isGone, isKeyRefused, mayPass } from '../report/failure.ts'

/** What a failed claim call means for the agent. */
export type CallFailure =
  /** The session is over, and all that it held is another's: a new one begins. */
  | 'session_lost'
  /** Another process runs under the agent's id. */
  | 'session_taken'
  | 'key_refused'
  | 'pool_not_found'
  /** The service understood, and will not: what the agent asks for can't be right. */
  | 'rejected'
  /** It may work a little later. */
  | 'passing'

/** Reads the error of a claim call. */
export function callFailureOf(error: unknown): CallFailure {
  if (error instanceof ApiError && error.status === 409) {
    if (error.code === 'session_lost') return 'session_lost'
    return error.code === 'session_taken' ? 'session_taken' : 'passing'
  }
  if (isKeyRefused(error)) return 'key_refused'
  if (isGone(error)) return 'pool_not_found'
  return mayPass(error) ? 'passing' : 'rejected'
}

/** Whether the service may have carried out a call that failed: then it is made again, under the same id. */
export function isOutcomeUnknown(error: unknown): boolean {
  return (error instanceof ApiError || error instanceof ConnectionError) && error.outcomeUnknown
}
