import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { WAKE_UP_DELAY_SECONDS_MAX } from '#shared/bounds.ts'
import type { Ids, Log } from '#shared/deps.ts'
import { invocation } from '../invocation.ts'
import { type Message, sqsRecord } from './sqs-event.ts'

/** A function that SQS feeds; what it throws counts as a failure of the whole batch. */
export type QueueFunction = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse | object | void>

export interface LocalQueueOptions {
  name: string
  ids: Ids
  log: Log
  /** After this long a message that was received and not deleted shows again. */
  visibilitySeconds?: number
  receivesMax?: number
  /** How many invocations may run at once, as with Lambda's reserved concurrency. */
  concurrency?: number
  /** The share of messages that are delivered once more although they were dealt with. */
  duplicateShare?: number
}

const BATCH_MAX = 10
/** How long messages are gathered before an invocation, so that those of one moment share it. */
const GATHER_MS = 20
/** An invocation that takes longer does not keep messages waiting for it. */
const SLOW_MS = 1_000
/** A message delivered twice comes again within this time. */
const DUPLICATE_MS_MAX = 1_000

/**
 * A standard SQS queue with its Lambda event source, in memory, that promises less than the real one: order is random on
 * purpose, some messages come twice, a failed one comes back, and all are lost with the process. Code that gets along
 * with this queue gets along with SQS.
 */
export class LocalQueue {
  readonly deadLetters: Message[] = []
  readonly #options: Required<LocalQueueOptions>
  readonly #visible: Message[] = []
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #running = new Set<Promise<void>>()
  #consume: QueueFunction | undefined
  #gathering: NodeJS.Timeout | undefined
  #lastStartMs = 0

  constructor(options: LocalQueueOptions) {
    this.#options = { visibilitySeconds: 30, receivesMax: 5, concurrency: 2, duplicateShare: 0.05, ...options }
  }

  /** Sends a message, to be seen after a delay. */
  send(body: string, delaySeconds = 0): void {
    if (!(delaySeconds >= 0 && delaySeconds <= WAKE_UP_DELAY_SECONDS_MAX)) {
      throw new RangeError(`DelaySeconds must be from 0 to ${WAKE_UP_DELAY_SECONDS_MAX}, not ${delaySeconds}`)
    }
    const { ids } = this.#options
    const message = { id: ids.uuid(), body, sentAtMs: Date.now(), firstReceivedAtMs: undefined, receives: 0 }
    if (delaySeconds === 0) this.#show(message)
    else this.#showAfter(message, delaySeconds * 1000)
  }

  /** Begins to deliver. Messages sent before are kept for this moment. */
  start(consume: QueueFunction): void {
    this.#consume = consume
    this.#schedule()
  }

  /** Delivers nothing more and waits for the invocations that run. */
  async stop(): Promise<void> {
    this.#consume = undefined
    clearTimeout(this.#gathering)
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    await Promise.all(this.#running)
  }

  #showAfter(message: Message, delayMs: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#show(message)
    }, delayMs)
    this.#timers.add(timer)
    return timer
  }

  #forget(timer: NodeJS.Timeout): void {
    clearTimeout(timer)
    this.#timers.delete(timer)
  }

  #show(message: Message): void {
    this.#visible.push(message)
    this.#schedule()
  }

  #schedule(): void {
    if (!this.#consume) return
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined
      while (this.#consume && this.#mayInvoke()) this.#invoke(this.#consume, this.#takeBatch())
      if (this.#visible.length > 0 && this.#running.size < this.#options.concurrency) this.#schedule()
    }, GATHER_MS)
  }

  /**
   * As Lambda does, runs one invocation beside another only for a backlog: what arrives until then goes in one batch.
   */
  #mayInvoke(): boolean {
    if (this.#visible.length === 0 || this.#running.size >= this.#options.concurrency) return false
    if (this.#running.size === 0 || this.#visible.length >= BATCH_MAX) return true
    return Date.now() - this.#lastStartMs > SLOW_MS
  }

  #invoke(consume: QueueFunction, batch: Message[]): void {
    if (batch.length === 0) return
    this.#lastStartMs = Date.now()
    const run = this.#deliver(consume, batch).finally(() => {
      this.#running.delete(run)
      this.#schedule()
    })
    this.#running.add(run)
  }

  #takeBatch(): Message[] {
    const batch: Message[] = []
    while (batch.length < BATCH_MAX) {
      const message = this.#takeAny()
      if (!message) break
      if (message.receives >= this.#options.receivesMax) this.#bury(message)
      else batch.push(message)
    }
    return batch
  }

  #takeAny(): Message | undefined {
    const at = Math.floor(this.#options.ids.random() * this.#visible.length)
    const message = this.#visible[at]
    const last = this.#visible.pop()
    if (last && last !== message) this.#visible[at] = last
    return message
  }

  #bury(message: Message): void {
    this.deadLetters.push(message)
    const { name, log } = this.#options
    log.error('message went to the dead-letter queue', { queue: name, messageId: message.id, body: message.body })
  }

  async #deliver(consume: QueueFunction, batch: Message[]): Promise<void> {
    const { name, ids, visibilitySeconds, duplicateShare } = this.#options
    const deliveries = batch.map((message) => {
      message.receives += 1
      message.firstReceivedAtMs ??= Date.now()
      const reappearance = this.#showAfter(message, visibilitySeconds * 1000)
      return { message, reappearance, record: sqsRecord(name, message, ids.token()) }
    })
    const failed = await this.#failures(consume, { Records: deliveries.map(({ record }) => record) })
    for (const { message, reappearance } of deliveries) {
      if (failed === 'all' || failed.has(message.id)) continue
      this.#forget(reappearance)
      if (ids.random() < duplicateShare) this.#showAfter(message, ids.random() * DUPLICATE_MS_MAX)
    }
  }

  /** The messages that the function did not deal with; they show again when their visibility timeout is over. */
  async #failures(consume: QueueFunction, event: SQSEvent): Promise<Set<string> | 'all'> {
    const { name, log, visibilitySeconds } = this.#options
    try {
      const answer = await consume(event, invocation(name, visibilitySeconds * 1000))
      if (!answer || !('batchItemFailures' in answer)) return new Set()
      return new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
      log.error('a function failed', { queue: name, messages: event.Records.length, reason })
      return 'all'
    }
  }
}
