import { type Limit, refusalOf } from './limit.ts'

/** Says that a deployment's first limit is not open yet. */
export const COUNTING_WORDS =
  'The new concurrency limit of its deployment is still counting the runs that are held; it opens within seconds.'

/** Prefect's words for a deployment's limit that is full. */
export const REACHED_WORDS = 'Deployment concurrency limit reached.'

/** Prefect's words for a deployment's limit of 0. */
export const DEADLOCK_WORDS = 'The deployment concurrency limit is 0. The flow will deadlock if submitted again.'

/**
 * Says why a limit refuses one more run, for people: `subject` is what it limits, such as "work queue 'x'" or "its
 * deployment", which exists as long as its limit does. Null when it would not refuse one.
 */
export function refusalWords(limit: Limit | undefined, subject: string): string | null {
  const refusal = limit ? refusalOf(limit) : 'missing'
  if (refusal === null) return null
  if (refusal === 'counting') return COUNTING_WORDS
  if (refusal === 'full') {
    return `The concurrency limit of ${subject} is reached (${limit?.active} of ${limit?.limit}).`
  }
  const is = { paused: 'is paused', deleting: 'is being deleted', missing: 'no longer exists' }[refusal]
  return `${subject.charAt(0).toUpperCase()}${subject.slice(1)} ${is}.`
}
