import { CAPACITY_BACKOFF_SECONDS } from '#shared/bounds.ts'

export interface RefusalReason {
  reason: string
  detail: string | null
}

export type LaunchFailure = { kind: 'transient' | 'permanent'; message: string }

/** Refusals in a row after which an unknown reason counts as permanent. */
const UNKNOWN_REFUSALS_MAX = 5

/**
 * Reasons that pass: room for the task may come any moment. Quotas and throttled look-ups of ECS's own arrive dressed as
 * ClientException and InvalidParameterException (dask/dask-cloudprovider#56), so these are looked for first.
 */
const TRANSIENT = [
  /^RESOURCE:/,
  /^AGENT\b/,
  /^LOCATION/,
  /capacity is unavailable|insufficient capacity|no capacity/i,
  /throttl|rate exceeded|request ?limit ?exceeded|too many (requests|concurrent)/i,
  /limit.*(vCPU|concurrent)/i,
]
/** Permanent reasons. */
const PERMANENT = [
  /^ATTRIBUTE/,
  /^MISSING/,
  /^INACTIVE/,
  /ClientException/,
  /InvalidParameter/,
  /AccessDenied/,
  /NotFound/,
]

/**
 * Sorts the reasons for which ECS started nothing. Lack of capacity sends the run back to wait and costs it nothing; an
 * invalid request ends the run, with AWS's message. On EC2 there is a reason for each machine: if one of them is only
 * full, the run waits for that one.
 */
export function classifyRefusal(reasons: readonly RefusalReason[], refusalsBefore: number): LaunchFailure {
  const texts = reasons.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason))
  const message = `ECS started no task: ${texts.join('; ') || 'no reason given'}`
  const matches = (patterns: readonly RegExp[]) => texts.some((text) => patterns.some((pattern) => pattern.test(text)))
  if (matches(TRANSIENT)) return { kind: 'transient', message }
  const hopeless = matches(PERMANENT) || refusalsBefore >= UNKNOWN_REFUSALS_MAX
  return { kind: hopeless ? 'permanent' : 'transient', message }
}

/** Seconds to wait after the n-th refusal in a row, n from 1. */
export function refusalBackoffSeconds(refusals: number): number {
  const { first, max } = CAPACITY_BACKOFF_SECONDS
  return Math.min(max, first * 2 ** Math.min(refusals - 1, 16))
}
