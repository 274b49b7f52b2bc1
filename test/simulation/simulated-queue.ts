import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { sqsRecord } from '../../local/queue/sqs-event.ts'
import type { Outcome } from './scheduler.ts'

interface Message {
  id: string
  body: string
  receives: number
}

export interface QueueOptions {
  random: () => number
  /** Runs an action after some seconds of virtual time. */
  later: (seconds: number, act: () => void) => void
  consume: (event: SQSEvent) => Promise<Outcome<SQSBatchResponse>>
  /** The shares of messages that are lost for good (a disabled rule, a full dead-letter queue), or delivered twice. */
  lost: number
  doubled: number
  delaySecondsMax: number
}

const BATCH_MAX = 10
const CONCURRENCY = 2
const VISIBILITY_SECONDS = 60
const RECEIVES_MAX = 5

/** SQS with its Lambda event source, on virtual time: in any order, late, twice, again after a failure, or never. */
export class SimulatedQueue {
  delivered = 0
  lost = 0
  readonly options: QueueOptions
  readonly #visible: Message[] = []
  #consumers = 0
  #sent = 0

  constructor(options: QueueOptions) {
    this.options = options
  }

  send(body: string, delaySeconds = 0): void {
    const { random, later, lost, doubled, delaySecondsMax } = this.options
    if (random() < lost) {
      this.lost += 1
      return
    }
    this.#sent += 1
    const message = { id: `message-${this.#sent}`, body, receives: 0 }
    // Most are quick, and a few take all the time allowed.
    later(delaySeconds + delaySecondsMax * random() ** 3, () => this.#visible.push(message))
    if (random() < doubled) later(delaySecondsMax * random(), () => this.#visible.push({ ...message }))
  }

  /** Delivers batches of visible messages, as far as consumers are free. */
  pump(): void {
    while (this.#consumers < CONCURRENCY && this.#visible.length > 0) void this.#deliver(this.#takeBatch())
  }

  #takeBatch(): Message[] {
    const size = 1 + Math.floor(this.options.random() * BATCH_MAX)
    const batch: Message[] = []
    while (batch.length < size && this.#visible.length > 0) {
      batch.push(...this.#visible.splice(Math.floor(this.options.random() * this.#visible.length), 1))
    }
    return batch
  }

  async #deliver(batch: Message[]): Promise<void> {
    this.#consumers += 1
    this.delivered += batch.length
    const outcome = await this.options.consume({
      Records: batch.map((message) => {
        message.receives += 1
        return sqsRecord('queue', { ...message, sentAtMs: 0, firstReceivedAtMs: undefined }, `${message.id}-receipt`)
      }),
    })
    this.#consumers -= 1
    const answered = outcome.kind === 'answered' ? outcome.value.batchItemFailures : undefined
    const failed = new Set(answered?.map(({ itemIdentifier }) => itemIdentifier))
    for (const message of batch) {
      const again = (!answered || failed.has(message.id)) && message.receives < RECEIVES_MAX
      if (again) this.options.later(VISIBILITY_SECONDS, () => this.#visible.push(message))
    }
  }
}
