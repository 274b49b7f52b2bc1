import type { Deps } from '#shared/deps.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { answerLost, type OutsideCall, ProcessDied, withInterceptor } from '../support/faults/faulty-calls.ts'
import type { TestClock } from '../support/world.ts'

/** How often each fault hits a call, from 0 to 1. */
export interface Perils {
  diesBefore: number
  diesAfter: number
  failsBefore: number
  answerLost: number
  /** A write is carried out twice. */
  madeTwice: number
  /** The process stands still for up to FREEZE_SECONDS_MAX before the call. */
  freezes: number
}

export type Outcome<T> = { kind: 'answered'; value: T } | { kind: 'failed'; error: unknown } | { kind: 'died' }

interface Process {
  name: string
  diesAt: Instant
  dead: boolean
}

interface HeldCall {
  process: Process
  call: OutsideCall
  notBefore: Instant
  go: () => Promise<unknown>
  resolve: (answer: unknown) => void
  reject: (error: unknown) => void
}

export interface Step {
  process: string
  call: string
  peril: keyof Perils | null
}

const CALL_SECONDS_MAX = 0.3
const FREEZE_SECONDS_MAX = 20
const READS = /Query|Get|Scan|describe|list/

export interface SchedulerOptions {
  clock: TestClock
  random: () => number
  /** Stands between every call and the world, such as an index that lags. */
  around: <T>(call: OutsideCall, go: () => Promise<T>) => Promise<T>
  /** Called after every call that may have changed something. */
  afterWrite: (step: Step) => Promise<void>
}

/**
 * Runs processes one outside call at a time, in an order that the seed decides: between any two calls of one process any
 * number of calls of others may come. Code between calls has no await of its own, so one call at a time is all there is
 * to an interleaving, and the same seed gives the same one.
 */
export class Scheduler {
  perils: Perils
  readonly steps: Step[] = []
  readonly #options: SchedulerOptions
  #held: HeldCall[] = []
  #running = 0

  constructor(options: SchedulerOptions, perils: Perils) {
    this.#options = options
    this.perils = perils
  }

  /** Starts a process, which is killed when it takes longer than its function's timeout. */
  async spawn<T>(name: string, deps: Deps, seconds: number, code: (deps: Deps) => Promise<T>): Promise<Outcome<T>> {
    const process: Process = { name, diesAt: addSeconds(this.#options.clock.now(), seconds), dead: false }
    const gated = withInterceptor(deps, <R>(call: OutsideCall, go: () => Promise<R>) => this.#hold(process, call, go))
    this.#running += 1
    try {
      const value = await code(gated)
      return process.dead ? { kind: 'died' } : { kind: 'answered', value }
    } catch (error) {
      return process.dead ? { kind: 'died' } : { kind: 'failed', error }
    } finally {
      this.#running -= 1
    }
  }

  /** How many processes are running. */
  get running(): number {
    return this.#running
  }

  /** When the next call may be made; null when none is waiting. */
  get nextAt(): Instant | null {
    return this.#held.length === 0 ? null : Math.min(...this.#held.map((held) => held.notBefore))
  }

  /** Makes one of the calls that may be made now. */
  async step(): Promise<void> {
    const { clock, random } = this.#options
    const now = clock.now()
    const ready = this.#held.filter((held) => held.notBefore <= now)
    const held = ready[Math.floor(random() * ready.length)]
    if (!held) return
    if (random() < this.perils.freezes) {
      held.notBefore = addSeconds(now, random() * FREEZE_SECONDS_MAX)
      return
    }
    this.#held = this.#held.filter((other) => other !== held)
    clock.pass(random() * CALL_SECONDS_MAX)
    await this.#make(held)
    await settled()
  }

  #hold<T>(process: Process, call: OutsideCall, go: () => Promise<T>): Promise<T> {
    if (process.dead) return Promise.reject(new ProcessDied(call.name))
    return new Promise<unknown>((resolve, reject) => {
      this.#held.push({ process, call, notBefore: 0, go: () => this.#options.around(call, go), resolve, reject })
    }) as Promise<T>
  }

  async #make(held: HeldCall): Promise<void> {
    const { process, call } = held
    const late = this.#options.clock.now() >= process.diesAt
    const write = !READS.test(call.name)
    const peril = late ? 'diesBefore' : this.#peril(write)
    const step: Step = { process: process.name, call: call.name, peril }
    this.steps.push(step)
    if (peril === 'diesBefore') return this.#kill(process, held)
    if (peril === 'failsBefore') return held.reject(answerLost(call.name))
    const answer = await this.#carryOut(held, peril === 'madeTwice')
    if (write) await this.#options.afterWrite(step)
    if (peril === 'diesAfter') this.#kill(process, held)
    else if (peril === 'answerLost') held.reject(answerLost(call.name))
    else answer()
  }

  /** Makes the call; returns a function that passes the outcome to its process. */
  async #carryOut({ go, resolve, reject }: HeldCall, twice: boolean): Promise<() => void> {
    try {
      const first = await go()
      const answer = twice ? await go() : first
      return () => resolve(answer)
    } catch (error) {
      return () => reject(error)
    }
  }

  #peril(write: boolean): keyof Perils | null {
    for (const peril of ['diesBefore', 'diesAfter', 'failsBefore', 'answerLost', 'madeTwice'] as const) {
      const struck = this.#options.random() < this.perils[peril]
      if (struck && (write || peril !== 'madeTwice')) return peril
    }
    return null
  }

  #kill(process: Process, held: HeldCall): void {
    process.dead = true
    const its = this.#held.filter((other) => other.process === process)
    this.#held = this.#held.filter((other) => other.process !== process)
    for (const call of [held, ...its]) call.reject(new ProcessDied(call.call.name))
  }
}

/** Lets all code run until it waits for a call. Only calls take a turn of the event loop. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
