import { type Limit, type LimitKey, refusalOf } from './limit.ts'

const NOUNS = { pool: 'work pool', queue: 'work queue', deployment: 'deployment', global: 'limit' } as const

/**
 * Why limits would refuse one more run, in a sentence for people; `refused` are those that a claim found closed, and
 * `limits` what was read of them since.
 */
export function refusalSentence(refused: readonly LimitKey[], limits: ReadonlyMap<LimitKey, Limit>): string {
  const reasons = refused.map((key) => {
    const noun = NOUNS[key.slice(0, key.indexOf('#')) as keyof typeof NOUNS]
    const limit = limits.get(key)
    if (!limit) return `its ${noun} no longer exists`
    const refusal = refusalOf(limit)
    // No one pauses a deployment's limit: a new one is closed until it has counted what is held.
    if (refusal === 'paused' && noun === 'deployment')
      return 'the new concurrency limit of its deployment is not in force yet'
    if (refusal === 'paused') return `its ${noun} is paused`
    if (refusal === 'deleting') return `its ${noun} is being deleted`
    return `the concurrency limit of its ${noun}${limit.limit === null ? '' : ` (${limit.limit})`} is reached`
  })
  return `No slot is free: ${reasons.join(', and ')}.`
}
