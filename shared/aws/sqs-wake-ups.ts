import type { DelayedWakeUp, WakeUps } from '#shared/deps.ts'
import { type Queue, sendMessages } from './send-messages.ts'

/**
 * The WakeUps port over an SQS queue: one message a hint, its body the hint as JSON. Hints of one call that name the
 * same pool or limit after the same delay are one message; the first of their reasons, which only people read, is kept.
 */
export class SqsWakeUps implements WakeUps {
  readonly #queue: Queue

  constructor(queue: Queue) {
    this.#queue = queue
  }

  async send(wakeUps: readonly DelayedWakeUp[]): Promise<void> {
    const unique = new Map<string, { body: string; delaySeconds: number }>()
    for (const { delaySeconds, ...wakeUp } of wakeUps) {
      const key = `${delaySeconds} ${'count' in wakeUp ? wakeUp.count : wakeUp.poolId}`
      if (!unique.has(key)) unique.set(key, { body: JSON.stringify(wakeUp), delaySeconds })
    }
    await sendMessages(this.#queue, [...unique.values()])
  }
}
