import { hostSeconds } from '#shared/process/host-clock.ts'
import type { Outcome } from '../agent-status.ts'
import { wordsOf } from '../report/failure.ts'
import { type ClaimedRun, claimOf, handOutKey } from '../report/hand-out.ts'
import type { Answered } from '../report/judge-answer.ts'
import { pause } from '../report/pause.ts'
import { proposeState } from '../report/propose-state.ts'
import { RunOutput } from '../report/run-output.ts'
import { type End, endReport, outcomeOf } from './end-report.ts'
import { hasEnded } from './has-ended.ts'
import type { HoldParts } from './hold-parts.ts'
import { graceOf, type Order, outranks } from './order.ts'
import { RunProcess } from './run-process.ts'

/** Timers stand still while the machine is suspended, so the clock is looked at in between. */
const LOOK_SECONDS = 5
/** A wait that the service asks for is in whole seconds, rounded up. */
const WAIT_SECONDS_MIN = 0.1

/**
 * A run from its hand-out until its end is reported: it waits until the run is due, starts its process, and leaves the
 * run in the state that it came to. Whatever happens meanwhile reaches it as an order.
 */
export class Hold {
  readonly run: ClaimedRun
  readonly key: string
  /** Settles when nothing is left to do, of which the service heard. */
  readonly done: Promise<Outcome>
  phase: 'waiting' | 'starting' | 'running' | 'reporting' = 'waiting'
  readonly #parts: HoldParts
  readonly #process: RunProcess
  readonly #output: RunOutput
  readonly #due: number
  /** Settles when nothing of an earlier claim of the run is left. */
  readonly #before: Promise<void>
  #order: Order | undefined
  readonly #ordered = new AbortController()
  readonly #lost = new AbortController()

  /** `now`: when the answer that hands the run out arrived, in hostSeconds. */
  constructor(run: ClaimedRun, now: number, parts: HoldParts & { before: Promise<void> }) {
    this.run = run
    this.key = handOutKey(run)
    this.#parts = parts
    this.#due = now + run.due_in_seconds
    this.#before = parts.before
    this.#process = new RunProcess(run, parts)
    this.#output = new RunOutput(run, this.#process.folder.outputFile, parts.courier)
    this.done = this.#live().catch((error: unknown) => {
      this.#warn(`was lost: ${wordsOf(error)}`)
      return 'lost'
    })
  }

  /** Whether it is another's, and only its process is still to be ended here. */
  get isLost(): boolean {
    return this.#order?.kind === 'lost'
  }

  /** Ends the run for a reason, unless there is a stronger one already. */
  order(order: Order): void {
    if (!outranks(order, this.#order)) return
    // What has ended by itself has: only who may not report it, or is to report a cancel, hears of this.
    if (this.phase === 'reporting' && order.kind !== 'lost' && order.kind !== 'cancel') return
    this.#order = order
    if (order.kind === 'lost') {
      this.#lost.abort()
      this.#output.giveUp()
    }
    this.#ordered.abort()
    this.#process.stop(graceOf(order, this.#parts.options.killGraceSeconds))
  }

  async #live(): Promise<Outcome> {
    for (;;) {
      const end = await this.#endOfProcess()
      this.phase = 'reporting'
      await this.#completeLogs(end)
      const outcome = await this.#report(end)
      if (outcome !== 'again') {
        this.#process.cleanUp(outcome)
        return outcome
      }
      this.phase = 'starting'
    }
  }

  async #endOfProcess(): Promise<End> {
    const never: End = { kind: 'unstarted', problem: null }
    await this.#untilDue()
    await this.#before
    await this.#parts.lease.untilHeld(this.#ordered.signal)
    if (this.#order) return never
    this.phase = 'starting'
    if (this.run.job.kind === 'command' && !(await this.#mayRun())) return never
    return await this.#run()
  }

  async #untilDue(): Promise<void> {
    const { signal } = this.#ordered
    for (let left = this.#due - hostSeconds(); left > 0 && !signal.aborted; left = this.#due - hostSeconds()) {
      await pause(Math.min(left, LOOK_SECONDS), signal)
    }
  }

  /** Proposes RUNNING, and waits where the service says so. False when the run must not start; then an order says why. */
  async #mayRun(): Promise<boolean> {
    const { signal } = this.#ordered
    try {
      for (;;) {
        const answered = await proposeState(this.#parts.courier, claimOf(this.run), { type: 'RUNNING' }, signal)
        if (answered.kind !== 'wait') return this.#takeAnswer(answered)
        await pause(Math.max(WAIT_SECONDS_MIN, answered.seconds - 1), signal)
      }
    } catch {
      // An order came, whether or not the service took the proposal.
      return false
    }
  }

  #takeAnswer(answered: Answered): boolean {
    if (answered.kind === 'entered') return true
    if (answered.kind === 'refused') this.#warn(`may not start: ${answered.reason}`)
    this.order(answered.kind === 'cancelling' ? { kind: 'cancel', message: answered.message } : { kind: 'lost' })
    return false
  }

  async #run(): Promise<End> {
    const { spool, lease } = this.#parts
    const { timeout_seconds: seconds, kind } = this.run.job
    const { lapses } = lease
    const lookForLapse = () => lease.lapses !== lapses && this.order({ kind: 'lapse' })
    try {
      await this.#process.start()
    } catch (error) {
      lookForLapse()
      return { kind: 'unstarted', problem: wordsOf(error) }
    }
    this.phase = 'running'
    this.#parts.log.info(`Completed submission of flow run '${this.run.flow_run.id}'`)
    const over = new AbortController()
    if (seconds !== null) void pause(seconds, over.signal).then(() => this.#timeOut(over.signal))
    if (kind === 'command') spool.add(this.#output)
    // What came while it started has reached no process.
    if (this.#order) this.#process.stop(graceOf(this.#order, this.#parts.options.killGraceSeconds))
    const end = await this.#process.ended()
    over.abort()
    lookForLapse()
    return end
  }

  #timeOut(over: AbortSignal): void {
    if (!over.aborted) this.order({ kind: 'timeout' })
  }

  /**
   * All output is stored before the end is reported, so that a run that ended is seen with all of it. A flow sends its
   * logs itself; but when its process fails, nothing else may say why.
   */
  async #completeLogs(end: End): Promise<void> {
    const failed = end.kind === 'exited' && end.code !== 0 && !this.#order
    if (this.run.job.kind === 'command' || failed) await this.#output.finish()
    this.#parts.spool.remove(this.#output)
  }

  async #report(end: End): Promise<Outcome | 'again'> {
    const { courier, options } = this.#parts
    try {
      if (
        this.run.job.kind === 'flow' &&
        end.kind !== 'unstarted' &&
        (await hasEnded(courier, this.run, this.#lost.signal))
      ) {
        return 'reported_itself'
      }
      for (;;) {
        const state = endReport(this.run, end, this.#order, options.name)
        if (!state) return 'lost'
        const answered = await proposeState(courier, claimOf(this.run), state, this.#lost.signal)
        if (answered.kind === 'entered') return outcomeOf(state)
        if (answered.kind === 'again' && !this.#order) return 'again'
        if (answered.kind === 'over') return this.run.job.kind === 'flow' ? 'reported_itself' : 'lost'
        if (answered.kind !== 'cancelling' || state.type === 'CANCELLED') return this.#notReported(answered)
        this.#order = { kind: 'cancel', message: answered.message }
      }
    } catch {
      return 'lost'
    }
  }

  #notReported(answered: Answered): Outcome {
    if (answered.kind === 'refused') this.#warn(`has ended, which could not be reported: ${answered.reason}`)
    return 'lost'
  }

  #warn(what: string): void {
    this.#parts.log.warn(`Flow run '${this.run.flow_run.id}' ${what}`)
  }
}
