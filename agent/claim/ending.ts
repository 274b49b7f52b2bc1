import type { AgentLog, AgentOptions } from '../agent-options.ts'
import { AGENT_EXIT } from '../exit-code.ts'
import type { Holds } from '../run/holds.ts'
import type { Order } from '../run/order.ts'

/** How long the ends of runs are tried to be reported after a drain's time is over, and after the second signal. */
const REPORT_SECONDS = { drained: 30, atOnce: 5 }

interface EndingParts {
  options: Pick<AgentOptions, 'drainTimeoutSeconds' | 'killGraceSeconds'>
  holds: Holds
  log: AgentLog
  /** Called when there is something new to consider. */
  onChange: () => void
}

/** How an agent comes to its end: whether it takes more, until when it waits, and its exit code. */
export class Ending {
  readonly #parts: EndingParts
  readonly #timers: NodeJS.Timeout[] = []
  #draining = false
  #exitCode: number | undefined
  /** The exit code once nothing is held any more. */
  #codeAtLast: number = AGENT_EXIT.done
  #handsBack = false

  constructor(parts: EndingParts) {
    this.#parts = parts
  }

  /** It takes nothing more. */
  get draining(): boolean {
    return this.#draining
  }

  /** Set as soon as nothing is waited for any more. */
  get exitCode(): number | undefined {
    return this.#exitCode
  }

  /** It takes nothing more, and finishes what it holds, also what is not due yet. */
  takeNoMore(): void {
    this.#draining = true
    this.#parts.onChange()
  }

  /** Beyond that, what is not due yet is handed back, and what runs may be given a time. */
  drain(): void {
    if (this.#handsBack) return
    this.#handsBack = true
    const { holds, options } = this.#parts
    const { drainTimeoutSeconds: seconds, killGraceSeconds } = options
    this.takeNoMore()
    holds.orderAll({ kind: 'shut_down', atOnce: false }, 'waiting')
    if (seconds === null) return
    this.#after(seconds, () => holds.orderAll({ kind: 'shut_down', atOnce: false }))
    this.#after(seconds + killGraceSeconds + REPORT_SECONDS.drained, () => this.#giveUp(AGENT_EXIT.failed))
  }

  /** What is held is ended and reported at once. */
  endNow(): void {
    this.#hurry({ kind: 'shut_down', atOnce: true }, AGENT_EXIT.interrupted)
  }

  /** What is held is another's: it is ended, and nothing is reported. */
  letGo(): void {
    this.#hurry({ kind: 'lost' }, AGENT_EXIT.takenOver)
  }

  /** Whether the session is the agent's to the last, so that it says that it leaves. */
  get leaves(): boolean {
    return this.#codeAtLast !== AGENT_EXIT.takenOver
  }

  /** Whether nothing is left to do. */
  get isOver(): boolean {
    return this.draining && this.#parts.holds.size === 0
  }

  /** Whether what is not started yet is handed back. */
  get handsBack(): boolean {
    return this.#handsBack
  }

  get codeAtLast(): number {
    return this.#codeAtLast
  }

  #hurry(order: Order, exitCode: number): void {
    if (this.#codeAtLast !== AGENT_EXIT.done) return
    this.#codeAtLast = exitCode
    this.#parts.holds.orderAll(order)
    this.takeNoMore()
    this.#after(REPORT_SECONDS.atOnce, () => this.#giveUp(exitCode))
  }

  exit(exitCode: number): void {
    this.#exitCode ??= exitCode
    this.#parts.onChange()
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #giveUp(exitCode: number): void {
    const { log, holds } = this.#parts
    const runs = holds.all().map(({ run }) => `'${run.flow_run.id}'`)
    if (runs.length > 0) log.error(`The end of these flow runs could not be reported: ${runs.join(', ')}.`)
    this.exit(exitCode)
  }

  #after(seconds: number, act: () => void): void {
    this.#timers.push(setTimeout(act, seconds * 1000))
  }
}
