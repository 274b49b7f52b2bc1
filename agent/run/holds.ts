import type { Outcome } from '../agent-status.ts'
import { type ClaimedRun, claimOf, handOutKey, type RunClaim } from '../report/hand-out.ts'
import type { Proposed } from '../report/judge-answer.ts'
import { proposeState } from '../report/propose-state.ts'
import { cancelledState, endReport } from './end-report.ts'
import { Hold } from './hold.ts'
import type { HoldParts } from './hold-parts.ts'
import type { Order } from './order.ts'

/** Hand-outs that have ended are remembered, so that none is ever started twice; the service names none after so many. */
const ENDED_MAX = 10_000

/** How a run ended, for the agent's log. */
const WORDS: Record<Outcome, string> = {
  completed: 'completed.',
  failed: 'failed.',
  crashed: 'crashed.',
  cancelled: 'was cancelled.',
  handed_back: 'waits to be claimed again.',
  reported_itself: 'has reported its own end.',
  lost: "is no longer this agent's.",
}

/** The runs that an agent holds. */
export class Holds {
  readonly #parts: HoldParts
  readonly #held = new Map<string, Hold>()
  /** In the order of their ends. */
  readonly #ended = new Set<string>()
  readonly #reporting = new Set<string>()
  readonly #onEnd: (outcome: Outcome) => void
  #taken = 0

  /** `onEnd` hears of each that is held no more. */
  constructor(parts: HoldParts, onEnd: (outcome: Outcome) => void) {
    this.#parts = parts
    this.#onEnd = onEnd
  }

  get size(): number {
    return this.#held.size
  }

  /** How many were taken since the start. */
  get taken(): number {
    return this.#taken
  }

  all(): readonly Hold[] {
    return [...this.#held.values()]
  }

  inPhase(phase: Hold['phase']): number {
    return this.all().filter((hold) => hold.phase === phase).length
  }

  /** Takes a run that was handed out at an instant of hostSeconds. False for one that is known: it is not started again. */
  take(run: ClaimedRun, now: number): boolean {
    const key = handOutKey(run)
    if (this.#held.has(key)) return false
    if (this.#ended.has(key)) {
      void this.#disown(run)
      return false
    }
    this.#parts.log.info(`Submitting flow run '${run.flow_run.id}'`)
    this.#taken += 1
    const hold = new Hold(run, now, { ...this.#parts, before: this.#endEarlier(run) })
    this.#held.set(key, hold)
    void hold.done.then((outcome) => this.#end(hold, outcome))
    return true
  }

  /** Ends what is left here of an earlier claim of the run: two of its processes must never live at once. */
  async #endEarlier({ flow_run: { id } }: ClaimedRun): Promise<void> {
    const earlier = this.all().filter(({ run }) => run.flow_run.id === id)
    for (const hold of earlier) hold.order({ kind: 'lost' })
    await Promise.all(earlier.map(({ done }) => done))
  }

  /** Ends one run. One that was cancelled before its hand-out could be heard of was never here, and is reported so. */
  stop({ id, generation }: RunClaim, order: Order): void {
    const isMeant = ({ run }: Hold) => run.flow_run.id === id && run.generation === generation
    const held = this.all().find(isMeant)
    if (held) held.order(order)
    else if (order.kind === 'cancel') void this.#report({ id, generation }, cancelledState(order.message))
  }

  /** Ends all runs, or those that wait to be due. */
  orderAll(order: Order, phase?: Hold['phase']): void {
    for (const hold of this.#held.values()) if (!phase || hold.phase === phase) hold.order(order)
  }

  #end(hold: Hold, outcome: Outcome): void {
    this.#parts.log.info(`Flow run '${hold.run.flow_run.id}' ${WORDS[outcome]}`)
    this.#held.delete(hold.key)
    this.#ended.add(hold.key)
    for (const key of this.#ended) {
      if (this.#ended.size <= ENDED_MAX) break
      this.#ended.delete(key)
    }
    this.#onEnd(outcome)
  }

  /** The service thinks that a run lives here, whose end it did not take: without a word it would think so for ever. */
  async #disown(run: ClaimedRun): Promise<void> {
    const state = endReport(run, { kind: 'killed' }, { kind: 'shut_down', atOnce: true }, this.#parts.options.name)
    if (state) await this.#report(claimOf(run), state)
  }

  /** Reports of a run that is not here. Each call tells of it until that has arrived. */
  async #report(claim: RunClaim, state: Proposed): Promise<void> {
    const key = `${claim.id}/${claim.generation}`
    if (this.#reporting.has(key)) return
    this.#reporting.add(key)
    await proposeState(this.#parts.courier, claim, state)
    this.#reporting.delete(key)
  }
}
