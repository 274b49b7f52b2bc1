import type { WakeUps } from '#shared/deps.ts'
import type { LocalQueue } from './local-queue.ts'

/** The WakeUps port over a queue: one message a hint, as the SQS adapter sends them. */
export function wakeUpsOver(queue: LocalQueue): WakeUps {
  return {
    send: (wakeUps) => {
      for (const { delaySeconds, ...wakeUp } of wakeUps) queue.send(JSON.stringify(wakeUp), delaySeconds)
      return Promise.resolve()
    },
  }
}
