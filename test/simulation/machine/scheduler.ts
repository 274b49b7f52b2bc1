import { addSeconds, type Instant } from '#shared/instant.ts'
import {
  type Call,
  type Destiny,
  destinedFault,
  destinyOf,
  draw,
  type Fault,
  type FaultRates,
  isDestined,
  isWrite,
  nextDestiny,
  refusal,
} from './faults.ts'
import { answerLost, currentProcess, type Outcome, type Process, ProcessDied, runAs } from './process.ts'
import type { WorldClock } from './world-clock.ts'
import { writtenKeys } from './written-keys.ts'

/** A call that was made, or was not as its process died, and what struck it. */
export interface Step {
  at: Instant
  process: string
  /** Since when the process has been there, and by which claim it calls, if by any. */
  bornAt: Instant
  claim?: string | undefined
  verb: string
  call: string
  /** Which of its process's calls it is, from 1. */
  number: number
  fault: Fault | null
}

/** How many calls a process has made, and what it is to meet yet. */
interface Calls {
  made: number
  destiny: Destiny | null
}

interface Held {
  process: Process
  call: Call
  /** Ties are in the order of their making. */
  number: number
  notBefore: Instant
  /** What it waits for others to write, if it does. */
  overtaking?: { keys: ReadonlySet<string>; writes: number }
  go: () => Promise<unknown>
  resolve: (answer: unknown) => void
  reject: (error: unknown) => void
}

export interface SchedulerOptions {
  clock: WorldClock
  /** Whether a fault may strike this process's call; a story leaves some out. */
  allows: (process: Process, call: number, fault: Fault) => boolean
  /** Part of a batch answered, and the rest not. */
  partial: (call: Call, process: Process) => Promise<unknown>
  /** Called before each call that is made, by who checks what processes may see. */
  before: (process: Process, call: Call) => void
  /** Called after each call that may have changed something. */
  afterWrite: (step: Step) => void
}

/** A call takes this long to arrive. */
const CALL_SECONDS = { min: 0.001, max: 0.3 }
const STANDS_STILL_SECONDS = { min: 1, max: 300 }
/** For how long a write waits for another of the same item. */
const OVERTAKEN_SECONDS_MAX = 25

/**
 * Runs processes one outside call at a time: between any two calls of one process any number of calls of others may come.
 * How long each call is on its way decides their order, and that is drawn by the process alone, so that a process which
 * is left out delays no other. Code between calls has no await of its own, so one call at a time is all there is to an
 * interleaving.
 */
export class Scheduler {
  rates: FaultRates
  readonly steps: Step[] = []
  readonly #options: SchedulerOptions
  readonly #calls = new Map<Process, Calls>()
  #calling: Process | undefined
  #held: Held[] = []
  #made = 0
  #running = 0

  constructor(options: SchedulerOptions, rates: FaultRates) {
    this.#options = options
    this.rates = rates
  }

  /** Starts a process, which is killed when its function's time is over. */
  async run<T>(process: Process, code: () => Promise<T>): Promise<Outcome<T>> {
    this.#running += 1
    try {
      const value = await runAs(process, code)
      return process.dead ? { kind: 'died' } : { kind: 'answered', value }
    } catch (error) {
      return process.dead ? { kind: 'died' } : { kind: 'failed', error }
    } finally {
      this.#running -= 1
      this.#calls.delete(process)
    }
  }

  /** The process whose call is carried out now. */
  get calling(): Process | undefined {
    return this.#calling
  }

  /** How many processes are running. */
  get running(): number {
    return this.#running
  }

  /** When the next call arrives; null when none is on its way. */
  get nextAt(): Instant | null {
    return this.#next()?.notBefore ?? null
  }

  /** Holds a call of the process that runs now until it arrives. Calls from outside of all processes are made at once. */
  hold<T>(call: Call, go: () => Promise<T>): Promise<T> {
    const process = currentProcess()
    if (!process) return go()
    if (process.dead) return Promise.reject(new ProcessDied(call.name))
    const { clock } = this.#options
    const delay = process.chance.between(CALL_SECONDS.min, CALL_SECONDS.max) * process.slowness
    return this.#wait(process, call, addSeconds(clock.now(), delay), go) as Promise<T>
  }

  /** Lets the process that runs now wait in the world's time. */
  sleep(milliseconds: number): Promise<void> {
    const process = currentProcess()
    if (!process) throw new Error('only processes sleep')
    if (process.dead) return Promise.reject(new ProcessDied('sleep'))
    const until = addSeconds(this.#options.clock.now(), milliseconds / 1_000)
    return this.#wait(process, SLEEP, until, () => Promise.resolve()) as Promise<void>
  }

  /** Makes the call that arrives next; what follows from its answer has not happened yet. */
  async step(): Promise<void> {
    const held = this.#next()
    if (!held) return
    this.#options.clock.moveTo(held.notBefore)
    this.#held = this.#held.filter((other) => other !== held)
    if (held.call === SLEEP) held.resolve(undefined)
    else await this.#make(held)
  }

  #next(): Held | undefined {
    let next: Held | undefined
    for (const held of this.#held) {
      if (!next || held.notBefore < next.notBefore || (held.notBefore === next.notBefore && held.number < next.number))
        next = held
    }
    return next
  }

  #wait(process: Process, call: Call, notBefore: Instant, go: () => Promise<unknown>): Promise<unknown> {
    this.#made += 1
    const number = this.#made
    return new Promise((resolve, reject) => {
      this.#held.push({ process, call, number, notBefore, go, resolve, reject })
    })
  }

  async #make(held: Held): Promise<void> {
    const { process, call } = held
    const now = this.#options.clock.now()
    const late = now >= process.diesAt
    const fault = late ? 'dies before' : this.#fault(process, call)
    if (fault === 'stands still' || fault === 'overtaken') {
      this.#note(held, fault)
      this.#held.push(fault === 'overtaken' ? overtaken(held, now) : { ...held, notBefore: standingUntil(held, now) })
      return
    }
    const step = this.#note(held, fault)
    this.#options.before(process, call)
    switch (fault) {
      case 'dies before':
        return this.#kill(process, held)
      case 'fails before':
        return held.reject(answerLost(call.name))
      case 'conflict':
      case 'throttled': {
        const answer = refusal(fault, call, process.chance)
        return answer instanceof Error ? held.reject(answer) : held.resolve(answer)
      }
      case null:
      case 'dies after':
      case 'answer lost':
      case 'made twice':
      case 'partial batch':
      case 'short page':
        return await this.#carryOut(held, step)
    }
  }

  async #carryOut(held: Held, step: Step): Promise<void> {
    const { process, call, go, resolve, reject } = held
    const { fault } = step
    this.#calling = process
    let answer: () => void
    try {
      const isPart = fault === 'partial batch' || fault === 'short page'
      const first = isPart ? await this.#options.partial(call, process) : await go()
      const value = fault === 'made twice' ? await go() : first
      answer = () => resolve(value)
    } catch (error) {
      answer = () => reject(error)
    }
    this.#calling = undefined
    if (isWrite(call)) {
      this.#release(held)
      this.#options.afterWrite(step)
    }
    if (fault === 'dies after') this.#kill(process, held)
    else if (fault === 'answer lost') reject(answerLost(call.name))
    else answer()
  }

  /** Lets those go on that have waited for others to write what was written now. */
  #release({ process, call }: Held): void {
    const waiting = this.#held.filter(({ overtaking }) => overtaking !== undefined)
    if (waiting.length === 0) return
    const keys = writtenKeys(call)
    for (const held of waiting) {
      const { overtaking } = held
      if (!overtaking || held.process === process || !keys.some((key) => overtaking.keys.has(key))) continue
      overtaking.writes -= 1
      if (overtaking.writes > 0) continue
      held.notBefore = this.#options.clock.now()
      delete held.overtaking
    }
  }

  #fault(process: Process, call: Call): Fault | null {
    const calls = this.#calls.get(process) ?? { made: 0, destiny: destinyOf(process.chance, process.verb) }
    this.#calls.set(process, calls)
    calls.made += 1
    const drawn = draw(process.chance, this.rates, call)
    const { destiny } = calls
    const struck = destiny !== null && isDestined(destiny, call, calls.made)
    if (struck) calls.destiny = destiny.kind === 'query' ? null : nextDestiny(process.chance)
    const fault = (struck ? destinedFault(process.chance, this.rates, call, destiny) : null) ?? drawn
    return fault !== null && this.#options.allows(process, calls.made, fault) ? fault : null
  }

  #note({ process, call }: Held, fault: Fault | null): Step {
    const { name, verb, bornAt, claim } = process
    const number = this.#calls.get(process)?.made ?? 0
    const step = { at: this.#options.clock.now(), process: name, bornAt, claim, verb, call: call.name, number, fault }
    this.steps.push(step)
    return step
  }

  #kill(process: Process, held: Held): void {
    process.dead = true
    const its = this.#held.filter((other) => other.process === process)
    this.#held = this.#held.filter((other) => other.process !== process)
    for (const each of [held, ...its]) each.reject(new ProcessDied(each.call.name))
  }
}

function standingUntil({ process }: Held, now: Instant): Instant {
  const { min, max } = STANDS_STILL_SECONDS
  return addSeconds(now, min + (max - min) * process.chance.next() ** 2)
}

/** A write that waits for one or two others of the same item, such as its end and another life, as long as its process lives. */
function overtaken(held: Held, now: Instant): Held {
  const { diesAt, chance } = held.process
  const until = Math.min(addSeconds(now, OVERTAKEN_SECONDS_MAX), addSeconds(diesAt, -1))
  return {
    ...held,
    notBefore: Math.max(now, until),
    overtaking: { keys: new Set(writtenKeys(held.call)), writes: chance.whole(1, 2) },
  }
}

const SLEEP: Call = { name: 'sleep', input: undefined }

/** Lets all code run until it waits for a call: a tick comes once no promise has anything left to do. */
export async function settled(): Promise<void> {
  await new Promise<void>((resolve) => process.nextTick(resolve))
}

/** Lets a turn of the event loop pass, for code that waits for something else; that takes as long as a call. */
export async function turned(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
