import type { DelayedWakeUp, WakeUps } from '#shared/deps.ts'
import { type Queue, sendMessages } from './send-messages.ts'

/** Limits named in one message, which holds 256 KB. */
const LIMITS_MAX = 1_000

/**
 * The WakeUps port over an SQS queue: one message a hint, its body the hint as JSON. Hints of one call that name the
 * same pool, or count the same limit, after the same delay are one message, which names all of their limits; the first
 * of their reasons, which only people read, is kept.
 */
export class SqsWakeUps implements WakeUps {
  readonly #queue: Queue

  constructor(queue: Queue) {
    this.#queue = queue
  }

  async send(wakeUps: readonly DelayedWakeUp[]): Promise<void> {
    const nameOf = (wakeUp: DelayedWakeUp) => ('count' in wakeUp ? wakeUp.count : wakeUp.poolId)
    const alike = Map.groupBy(wakeUps, (wakeUp) => `${wakeUp.delaySeconds} ${nameOf(wakeUp)}`)
    const messages = [...alike.values()].flatMap((same) => same.slice(0, 1).map((first) => merged(first, same)))
    await sendMessages(this.#queue, messages)
  }
}

function merged({ delaySeconds, ...first }: DelayedWakeUp, alike: readonly DelayedWakeUp[]) {
  const limits = [...new Set(alike.flatMap((wakeUp) => ('count' in wakeUp ? [] : (wakeUp.limits ?? []))))].slice(
    0,
    LIMITS_MAX,
  )
  return { body: JSON.stringify({ ...first, ...(limits.length > 0 ? { limits } : {}) }), delaySeconds }
}
