import type { Failure } from './errors.ts'

export interface RetryPolicy {
  /** How often a request is sent at most. 1: never again. */
  triesMax: number
  /** No further try begins later than this after the first. */
  withinMs: number
  /** The first wait is a random part of this, each further one of twice as much. */
  backoffMs: number
  /** No wait is longer, unless the service requests it by Retry-After. */
  backoffMsMax: number
}

export type RetryOptions = { [K in keyof RetryPolicy]?: RetryPolicy[K] | undefined }

/** The policy, with defaults for what is not given. */
export function retryPolicyOf(given: RetryOptions = {}): RetryPolicy {
  const { triesMax = 4, withinMs = 60_000, backoffMs = 200, backoffMsMax = 5_000 } = given
  return { triesMax, withinMs, backoffMs, backoffMsMax }
}

interface FailedTry {
  failure: Failure
  /** Whether doing it twice is as good as once. */
  repeatable: boolean
  /** How often it was sent so far. */
  tries: number
  /** Since the first try. */
  elapsedMs: number
  /** From 0 to 1. */
  chance: number
}

/**
 * How long to wait before the next try, in milliseconds; undefined when there must be none. A request that may have
 * been carried out is only sent again if that is safe. Waits grow exponentially with full jitter, on top of
 * Retry-After, so that clients who failed together don't come back together.
 */
export function waitBeforeNextTry(policy: RetryPolicy, failed: FailedTry): number | undefined {
  const { failure, repeatable, tries, elapsedMs, chance } = failed
  if (!failure.transient || tries >= policy.triesMax) return undefined
  if (failure.outcomeUnknown && !repeatable) return undefined
  const backoffMs = chance * Math.min(policy.backoffMsMax, policy.backoffMs * 2 ** (tries - 1))
  const waitMs = (failure.retryAfterSeconds ?? 0) * 1000 + backoffMs
  return elapsedMs + waitMs > policy.withinMs ? undefined : waitMs
}
