import { CAPACITY_BACKOFF_SECONDS } from '#shared/bounds.ts'

export interface RefusalReason {
  /** A code or a sentence of ECS's, or the name of its exception. */
  reason: string
  /** More about it: for an exception its message. */
  detail: string | null
}

export type LaunchFailure =
  /** `refusals` counts on from those before: the backoff follows from it. */
  { kind: 'transient'; message: string; refusals: number } | { kind: 'permanent'; message: string }

/** For how long a run waits on reasons that are not known, before they count as permanent. */
const UNKNOWN_WAIT_SECONDS = 12 * 60 * 60

/**
 * Codes and exceptions that pass: room for the task, or a raised quota, may come any moment. The codes are those of "API
 * failure reasons" in the ECS developer guide.
 */
const PASSING_REASON = [
  /^RESOURCE:/,
  /^AGENT$/,
  /^LOCATION$/,
  /^(Throttling|ThrottledException|ThrottlingException|RequestLimitExceeded|TooManyRequestsException)$/,
  /^(LimitExceeded|ServiceQuotaExceeded)(Exception)?$/,
]
/**
 * Sentences that pass, from where they begin: names that people chose stand further on. Quotas arrive as reasons of
 * failures or dressed as ClientException, throttled look-ups of ECS's own as InvalidParameterException. Where each is
 * from is beside it in the test.
 */
const PASSING_SENTENCE = [
  /^(Fargate )?capacity is unavailable/i,
  /^you(['’]ve| have) reached the limit on the number of/i,
  /^the requested [a-z]+ configuration is above your limit/i,
  /^tasks provisioning capacity limit exceeded/i,
  /^no container instances were found in your (cluster|capacity provider)/i,
  /^too many concurrent attempts/i,
  /^(rate exceeded|request limit exceeded)/i,
  /^error retrieving [^:]*: .*\(ErrorCode: (Throttling|RequestLimitExceeded)\)$/i,
]
/** Permanent codes and exceptions. */
const PERMANENT_REASON = [
  /^ATTRIBUTE/,
  /^MISSING$/,
  /^INACTIVE$/,
  /^ClientException$/,
  /^InvalidParameter(Exception)?$/,
  /^AccessDenied(Exception)?$/,
  /^[A-Za-z]+NotFoundException$/,
  /^Platform(Unknown|TaskDefinitionIncompatibility)Exception$/,
  /^UnsupportedFeatureException$/,
]

/**
 * Sorts the reasons for which ECS started nothing. Lack of capacity or of quota sends the run back to wait, for as long
 * as it takes, and costs it nothing; an invalid request ends the run, with AWS's message. On EC2 there is a reason for
 * each machine: if one of them is only full, the run waits for that one.
 */
export function classifyRefusal(reasons: readonly RefusalReason[], refusalsBefore: number): LaunchFailure {
  const texts = reasons.map(({ reason, detail }) => (detail ? `${reason} (${detail})` : reason))
  const message = `ECS started no task: ${texts.join('; ') || 'no reason given'}`
  if (reasons.some(passes)) {
    // No further than to the longest wait, so that an unknown reason later on is not the last straw.
    return { kind: 'transient', message, refusals: Math.min(refusalsBefore + 1, REFUSALS_TO_LONGEST_WAIT) }
  }
  const hopeless = reasons.some(({ reason }) => PERMANENT_REASON.some((pattern) => pattern.test(reason)))
  if (hopeless || waitedSeconds(refusalsBefore) >= UNKNOWN_WAIT_SECONDS) return { kind: 'permanent', message }
  return { kind: 'transient', message, refusals: refusalsBefore + 1 }
}

function passes({ reason, detail }: RefusalReason): boolean {
  if (PASSING_REASON.some((pattern) => pattern.test(reason))) return true
  return PASSING_SENTENCE.some((pattern) => pattern.test(reason) || (detail !== null && pattern.test(detail)))
}

const REFUSALS_TO_LONGEST_WAIT = 1 + Math.ceil(Math.log2(CAPACITY_BACKOFF_SECONDS.max / CAPACITY_BACKOFF_SECONDS.first))

/** Seconds to wait after the n-th refusal in a row, n from 1. */
export function refusalBackoffSeconds(refusals: number): number {
  const { first, max } = CAPACITY_BACKOFF_SECONDS
  return Math.min(max, first * 2 ** Math.min(refusals - 1, 16))
}

/** Seconds that so many refusals in a row have taken. */
function waitedSeconds(refusals: number): number {
  let seconds = 0
  for (let refusal = 1; refusal <= refusals; refusal += 1) seconds += refusalBackoffSeconds(refusal)
  return seconds
}
