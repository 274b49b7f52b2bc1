import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { type Instant, secondsBetween } from '#shared/instant.ts'
import { sqsRecord } from '../../../local/queue/sqs-event.ts'
import type { Chance } from '../machine/chance.ts'
import type { Outcome } from '../machine/process.ts'

interface Message {
  id: string
  body: string
  receives: number
}

/** How badly messages travel: shares from 0 to 1, and seconds. */
export interface Travel {
  lost: number
  doubled: number
  delaySecondsMax: number
  /** Some come long after all others, as from a queue that was stuck. */
  veryLate: number
  /** Some come a second time minutes after the first, or when they do most harm: that of an earlier life of a run. */
  echoed: number
}

export interface QueueOptions {
  name: string
  chance: Chance
  travel: () => Travel
  now: () => Instant
  /** Runs an action after some seconds of the world's time. */
  later: (seconds: number, act: () => void) => void
  consume: (event: SQSEvent, number: number) => Promise<Outcome<SQSBatchResponse>>
  /** Told of a message that has been consumed, and does not come again. */
  taken: (body: string) => void
  /** Told of what could happen to a message on its way, and whether it did. */
  noted: (body: string, fault: 'message lost' | 'message doubled' | 'message late', struck: boolean) => void
}

const BATCH_MAX = 10
/** Lambda has as many pollers as there are messages for; these are enough for any two to meet. */
const CONCURRENCY = 4
/** In some worlds the pollers find all messages of some seconds at once, as they do while there is little to do. */
const GATHERS = { share: 0.7, seconds: 3 }
const VISIBILITY_SECONDS = 60
const RECEIVES_MAX = 5
/** A message that takes longer than this is counted as late. */
const LATE_SECONDS = 10
const VERY_LATE_SECONDS = { min: 300, max: 3_000 }
const ECHO_SECONDS = { min: 20, max: 300 }

/** SQS with its Lambda event source: in any order, late, twice, again after a failure, or never. */
export class MessageQueue {
  delivered = 0
  lost = 0
  readonly #options: QueueOptions
  readonly #visible: Message[] = []
  #consumers = 0
  #sent = 0
  #batches = 0
  readonly #gathers: boolean

  constructor(options: QueueOptions) {
    this.#options = options
    this.#gathers = options.chance.of('gathers').hits(GATHERS.share)
  }

  /** Messages that are visible, or being consumed. */
  get busy(): boolean {
    return this.#consumers > 0 || this.#visible.length > 0
  }

  send(body: string, delaySeconds = 0): void {
    const { name, chance: all, travel, noted } = this.#options
    this.#sent += 1
    const id = `${name}-${this.#sent}`
    // By what the message says, so that one which is left out moves no other.
    const chance = all.of(`${body}#${this.#sent}`)
    const { lost, doubled, delaySecondsMax, veryLate, echoed } = travel()
    const isLost = chance.hits(lost)
    noted(body, 'message lost', isLost)
    if (isLost) {
      this.lost += 1
      return
    }
    // Most are quick, and a few take all the time allowed.
    const onItsWay = () => delaySecondsMax * chance.next() ** 3
    const late = chance.hits(veryLate) ? chance.between(VERY_LATE_SECONDS.min, VERY_LATE_SECONDS.max) : 0
    const arrives = (afterSeconds: number) => this.#arrive(afterSeconds, { id, body, receives: 0 })
    const way = onItsWay() + late
    noted(body, 'message late', way > LATE_SECONDS)
    arrives(delaySeconds + way)
    const isDoubled = chance.hits(doubled)
    if (isDoubled) arrives(onItsWay())
    const isEchoed = chance.hits(echoed)
    if (isEchoed) arrives(chance.between(ECHO_SECONDS.min, ECHO_SECONDS.max))
    noted(body, 'message doubled', isDoubled || isEchoed)
  }

  /** Lets a message of before arrive once more. */
  echo(body: string, afterSeconds: number): void {
    this.#sent += 1
    const id = `${this.#options.name}-${this.#sent}`
    this.#arrive(afterSeconds, { id, body, receives: 0 })
  }

  /** Delivers batches of visible messages, as far as consumers are free. */
  pump(): void {
    while (this.#consumers < CONCURRENCY && this.#visible.length > 0) void this.#deliver()
  }

  #arrive(afterSeconds: number, message: Message): void {
    const { later, now } = this.#options
    const { seconds } = GATHERS
    const at = secondsBetween(0, now()) + afterSeconds
    const waits = this.#gathers ? Math.ceil(at / seconds) * seconds - at : 0
    later(afterSeconds + waits, () => this.#visible.push(message))
  }

  async #deliver(): Promise<void> {
    this.#batches += 1
    const number = this.#batches
    const batch = this.#takeBatch(this.#options.chance.of(`batch ${number}`))
    this.#consumers += 1
    this.delivered += batch.length
    const records = batch.map((message) => {
      message.receives += 1
      return sqsRecord('queue', { ...message, sentAtMs: 0, firstReceivedAtMs: undefined }, `${message.id}-receipt`)
    })
    const outcome = await this.#options.consume({ Records: records }, number)
    this.#consumers -= 1
    const answered = outcome.kind === 'answered' ? outcome.value.batchItemFailures : undefined
    const failed = new Set(answered?.map(({ itemIdentifier }) => itemIdentifier))
    for (const message of batch) {
      const again = (!answered || failed.has(message.id)) && message.receives < RECEIVES_MAX
      if (again) this.#arrive(VISIBILITY_SECONDS, message)
      if (answered && !failed.has(message.id)) this.#options.taken(message.body)
    }
  }

  #takeBatch(chance: Chance): Message[] {
    // Most batches are small, as Lambda's pollers wait for nothing.
    const size = this.#gathers ? BATCH_MAX : Math.ceil(BATCH_MAX * chance.next() ** 2)
    const batch: Message[] = []
    while (batch.length < size && this.#visible.length > 0) {
      batch.push(...this.#visible.splice(chance.whole(0, this.#visible.length - 1), 1))
    }
    return batch
  }
}
