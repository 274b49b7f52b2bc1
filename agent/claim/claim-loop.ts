import { ConnectionError } from '#shared/client/errors.ts'
import { hostSeconds } from '#shared/process/host-clock.ts'
import type { AgentLog, AgentOptions } from '../agent-options.ts'
import { AGENT_EXIT } from '../exit-code.ts'
import type { Api } from '../report/api.ts'
import { backoffSeconds } from '../report/backoff.ts'
import { wordsOf } from '../report/failure.ts'
import type { ClaimReply } from '../report/hand-out.ts'
import { pause } from '../report/pause.ts'
import type { Holds } from '../run/holds.ts'
import type { Lease } from '../run/lease.ts'
import { type CallFailure, callFailureOf, isOutcomeUnknown } from './call-failure.ts'
import { type ClaimRequest, claimRequest, freeSlots } from './claim-request.ts'
import type { Ending } from './ending.ts'
import { BATCH_MAX, LEASE_PART, pace, waitSeconds } from './pace.ts'
import { queueNews } from './queue-news.ts'
import { Session } from './session.ts'

interface LoopParts {
  options: AgentOptions
  log: AgentLog
  api: Api
  holds: Holds
  lease: Lease
  ending: Ending
  /** Until when, in hostSeconds, what is held may live. */
  feed: (until: number) => void
}

const WAIT_SECONDS = 20
/** What an answer may take beyond the wait for work. */
const ANSWER_SECONDS = 15
const BACKOFF_SECONDS = { first: 0.5, max: 30, maxWhenUrgent: 5 }
const LEAVE_MS = 2_000
const LEAVE_TRIES = 2

/** Calls the service for work, one call after the other, and takes what it answers. */
export class ClaimLoop {
  readonly calls = { ok: 0, failed: 0 }
  /** When the last answer was taken, in hostSeconds. */
  lastAnswerAt: number | undefined
  paused = false
  /** Raised with each call that ends, however it does. */
  rounds = 0
  readonly #parts: LoopParts
  readonly #session = new Session()
  #failures = 0
  #idleSeconds: number | undefined
  #idleSince = hostSeconds()
  /** Whether there may be more work than was handed out. */
  #plentiful = true
  #matched: ReadonlySet<string> = new Set()
  #call: { waits: boolean; abort: AbortController } | undefined
  #rest = new AbortController()
  /** Something changed that the call under way does not know. */
  #again = false

  constructor(parts: LoopParts) {
    this.#parts = parts
  }

  /** Calls until the agent ends; resolves with its exit code. */
  async run(): Promise<number> {
    const { ending } = this.#parts
    for (;;) {
      if (ending.exitCode !== undefined) return ending.exitCode
      if (ending.isOver) return await this.#leave()
      const seconds = await this.#callOnce()
      this.rounds += 1
      if (ending.exitCode === undefined) await this.#pause(seconds)
    }
  }

  /** A slot is free again. */
  slotFreed(): void {
    const { holds, options, ending } = this.#parts
    if (holds.size === 0) this.#idleSince = hostSeconds()
    const { each, byFlow } = options.flowLimits
    const limited = each !== undefined || Object.keys(byFlow).length > 0
    const toEnd = holds.size === 0 && (ending.draining || options.exitWhenIdleSeconds !== null)
    if (toEnd || (!ending.draining && (this.#plentiful || limited))) this.#callSoon()
  }

  /** The agent is about to end: the call under way does not know. */
  endingChanged(): void {
    this.#again = true
    this.#call?.abort.abort()
    this.#rest.abort()
  }

  /** Has the next call made at once, instead of one that only waits. */
  #callSoon(): void {
    this.#again = true
    if (this.#call?.waits) this.#call.abort.abort()
    this.#rest.abort()
  }

  async #pause(seconds: number): Promise<void> {
    this.#rest = new AbortController()
    if (!this.#again && seconds > 0) await pause(seconds, this.#rest.signal)
  }

  /** One call; resolves with how long to wait before the next one. */
  async #callOnce(): Promise<number> {
    const request = this.#request()
    const waits = Number(request.wait_seconds) > 0
    const abort = new AbortController()
    this.#call = { waits, abort }
    this.#again = false
    const sentAt = hostSeconds()
    try {
      const { client } = this.#parts.api
      const options = { signal: abort.signal, timeoutMs: this.#timeoutMs(request) }
      return this.#take(
        await client.claimWork({ name: this.#parts.options.poolName }, request, options),
        request,
        sentAt,
      )
    } catch (error) {
      if (!abort.signal.aborted) return this.#fail(error)
      this.#session.givenUp()
      return 0
    } finally {
      this.#call = undefined
    }
  }

  #request(leaving = false): ClaimRequest {
    const { options, holds, ending } = this.#parts
    const { limit, leaseSeconds, runOnce } = options
    const { draining } = ending
    const free = freeSlots(limit, holds.size)
    // The first answer is to come at once: it says whether the agent can work at all.
    const most = runOnce || this.lastAnswerAt === undefined ? 0 : this.#idleLeft(WAIT_SECONDS)
    return claimRequest(options, holds.all(), {
      session: this.#session.id,
      sequence: this.#session.sequence,
      requestId: this.#session.nextRequestId(),
      waitSeconds: waitSeconds({ free, leaseSeconds, draining }, most),
      draining,
      leaving,
    })
  }

  #timeoutMs(request: ClaimRequest): number {
    const { leaseSeconds } = this.#parts.options
    const answer = this.#parts.holds.size > 0 ? Math.min(ANSWER_SECONDS, 1 + leaseSeconds / LEASE_PART) : ANSWER_SECONDS
    return Math.ceil((Number(request.wait_seconds) + answer) * 1000)
  }

  #take(reply: ClaimReply, request: ClaimRequest, sentAt: number): number {
    const { holds, lease, feed, ending, log, options } = this.#parts
    const now = hostSeconds()
    this.#answered()
    if (!this.#session.takes(reply)) return BACKOFF_SECONDS.first
    const leaseSeconds = reply.lease_seconds
    lease.renew(sentAt + leaseSeconds)
    feed(sentAt + leaseSeconds)
    this.paused = reply.paused !== null
    this.#tellQueues(reply)
    for (const { flow_run_id: id, generation, reason, message } of reply.stop) {
      holds.stop({ id, generation }, reason === 'lost' ? { kind: 'lost' } : { kind: 'cancel', message })
    }
    const claimed = reply.runs.filter((run) => holds.take(run, now)).length
    // A call that was given up may still have claimed something.
    if (ending.handsBack) holds.orderAll({ kind: 'shut_down', atOnce: false }, 'waiting')
    const free = freeSlots(options.limit, holds.size)
    if (claimed > 0 && free === 0) log.info(`Flow run limit reached; ${holds.size} flow runs in progress.`)
    const asked = request.free.slots
    this.#plentiful = asked === 0 || claimed >= Math.min(asked, BATCH_MAX)
    const next = pace({
      waited: reply.waited,
      tookSeconds: now - sentAt,
      nextDueIn: reply.next_due_in_seconds,
      claimed,
      asked,
      free: ending.draining ? 0 : free,
      idleSeconds: this.#idleSeconds,
      held: holds.size,
      leaseSeconds,
    })
    this.#idleSeconds = next.idleSeconds
    if (reply.drain) ending.drain()
    else if (options.runOnce || this.#isIdle()) ending.takeNoMore()
    return this.#idleLeft(next.seconds)
  }

  #answered(): void {
    if (this.#failures > 0 && this.lastAnswerAt !== undefined) this.#parts.log.info('The API answers again.')
    this.calls.ok += 1
    this.#failures = 0
    this.lastAnswerAt = hostSeconds()
  }

  #tellQueues({ queues }: ClaimReply): void {
    const { match, queues: named = [] } = this.#parts.options
    const { sentences, matched } = queueNews(queues, { match, named, before: this.#matched })
    this.#matched = matched
    for (const sentence of sentences) this.#parts.log.info(sentence)
  }

  /** Idle for as long as the agent is to stay for nothing. */
  #isIdle(): boolean {
    const { exitWhenIdleSeconds: seconds } = this.#parts.options
    return seconds !== null && this.#parts.holds.size === 0 && hostSeconds() - this.#idleSince >= seconds
  }

  /** No longer than until the agent has been idle for long enough. */
  #idleLeft(seconds: number): number {
    const { exitWhenIdleSeconds: idle } = this.#parts.options
    if (idle === null || this.#parts.holds.size > 0) return seconds
    return Math.min(seconds, Math.max(0, idle - (hostSeconds() - this.#idleSince)))
  }

  #fail(error: unknown): number {
    const { ending, holds, log } = this.#parts
    const failure = callFailureOf(error)
    this.calls.failed += 1
    this.#failures += 1
    this.#plentiful = true
    this.#session.failed(isOutcomeUnknown(error))
    if (failure === 'session_taken') {
      log.error('Another process runs as this agent.')
      ending.letGo()
      return 0
    }
    if (failure === 'session_lost') {
      if (holds.size > 0) log.warn('The session is over: its runs are ended here, as they are handed to others.')
      holds.orderAll({ kind: 'lost' })
      const first = this.#session.sequence === 0
      this.#session.renew()
      return first ? this.#backoff(error) : 0
    }
    const exitCode = this.lastAnswerAt === undefined ? EXITS_AT_START[failure] : undefined
    if (exitCode !== undefined) {
      log.error(wordsOf(error))
      ending.exit(exitCode)
      return 0
    }
    if (failure === 'key_refused' && this.#parts.api.readKeyAgain()) return 0
    if (this.#failures === 1) log.warn(`The claim call failed, and is repeated: ${wordsOf(error)}`)
    return this.#backoff(error)
  }

  #backoff(error: unknown): number {
    const { holds, options, ending } = this.#parts
    // What nobody answers costs nobody anything, and is there again at once.
    const urgent = holds.size > 0 || ending.draining || (error instanceof ConnectionError && !error.outcomeUnknown)
    const max = urgent ? BACKOFF_SECONDS.maxWhenUrgent : BACKOFF_SECONDS.max
    const bounds = { first: BACKOFF_SECONDS.first, max: Math.min(max, options.leaseSeconds / LEASE_PART) }
    return backoffSeconds(this.#failures, bounds, Math.random())
  }

  /** Says that the agent leaves, so that what it never heard of waits again at once, and not when its lease is over. */
  async #leave(): Promise<number> {
    const { api, ending, options } = this.#parts
    if (ending.leaves && this.rounds > 0) {
      this.#session.givenUp()
      const request = this.#request(true)
      for (let tries = 0; tries < LEAVE_TRIES; tries += 1) {
        const call = api.client.claimWork({ name: options.poolName }, request, { timeoutMs: LEAVE_MS })
        if (await call.then(isTaken, isNoUse)) break
      }
    }
    return ending.codeAtLast
  }
}

const isTaken = () => true
const isNoUse = (error: unknown) => callFailureOf(error) !== 'passing'

/** Failures of the very first call that no repeat will mend. */
const EXITS_AT_START: Partial<Record<CallFailure, number>> = {
  key_refused: AGENT_EXIT.keyRefused,
  pool_not_found: AGENT_EXIT.poolNotFound,
  rejected: AGENT_EXIT.failed,
}
