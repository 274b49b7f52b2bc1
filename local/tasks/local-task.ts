import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Log } from '#shared/deps.ts'
import type { LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import type { LogInput } from '#shared/engine/log/write-logs.ts'
import { secondsBetween } from '#shared/instant.ts'
import { hasStarted, readExit } from '#shared/process/exit-file.ts'
import { type ProcessRef, stillRuns } from '#shared/process/process-start.ts'
import { childEnvironment, findProgram } from '#shared/process/program.ts'
import { endStrays } from '#shared/process/strays.ts'
import { endLeftovers, signalTree, startSupervisor } from '#shared/process/supervisor.ts'
import { Output } from './output.ts'
import { type TaskEvent, taskEvent } from './task-event.ts'
import { appendChange, type TaskFolder } from './task-folder.ts'
import type { TaskRecord } from './task-record.ts'

export interface TaskSettings {
  /** Where commands run. */
  cwd: string
  /** The environment that PATH and the like are taken from. */
  env: Record<string, string | undefined>
  /** Added to every task's environment unless set, like ECS's secrets. Neither records nor events show it. */
  secrets?: Record<string, string>
  /** From SIGTERM to SIGKILL. */
  stopTimeoutSeconds: number
  clock: Clock
  log: Log
  /** Hears of every change, as EventBridge would. */
  emit: (event: TaskEvent) => void
  writeLogs: (lines: readonly LogInput[]) => Promise<unknown>
}

/** The variable that marks every process of a task. */
const TASK_MARK = 'PUSHPOOL_TASK_ID'
const KILLED_EXIT_CODE = 128 + 9
/** How often an adopted task's supervisor is checked. It is not a child of this process. */
const WATCH_MS = 200
const INTERRUPTED = 'The service stopped before the task was started'
const STARTED_POLL_MS = 5
const LOG_TRIES = 5
const LOG_RETRY_MS = 200

/** One task: a command under a supervisor, its record on disk, and the events of its life. */
export class LocalTask {
  record: TaskRecord
  readonly #folder: TaskFolder
  readonly #settings: TaskSettings
  readonly #output: Output
  /** Settles when nothing of the task is in motion in this process. */
  #work: Promise<void> = Promise.resolve()
  #timers: NodeJS.Timeout[] = []
  #left = false

  constructor(record: TaskRecord, folder: TaskFolder, settings: TaskSettings) {
    this.record = record
    this.#folder = folder
    this.#settings = settings
    this.#output = new Output({ ...settings, folder, runId: record.runId })
  }

  /** Starts a task whose record was just written. What goes wrong shows as an event, as with ECS. */
  start(request: LaunchRequest): void {
    this.#emit()
    this.#do(() => this.#start(request))
  }

  /** Takes over a task from a service that is gone. */
  adopt(): void {
    // The last event may have been lost with the queue that it was in.
    this.#emit()
    const { status, process, stoppingAt } = this.record
    if (status === 'STOPPED') return
    if (!process) return this.#do(() => this.#neverStarted(INTERRUPTED))
    const look = () => {
      if (!stillRuns(process.pid, process.startedAt)) this.#do(() => this.#finish(process))
    }
    this.#timers.push(setInterval(look, WATCH_MS))
    look()
    if (stoppingAt !== null) this.#killAfterTimeout(process)
  }

  stop(reason: string): void {
    this.#do(async () => {
      const { process, status } = this.record
      if (status === 'STOPPED' || !process || this.record.stoppingAt !== null) return
      const stoppingAt = this.#settings.clock.now()
      this.#change({ stoppingAt, stopCode: 'UserInitiated', stoppedReason: reason })
      this.#killAfterTimeout(process)
      while (!hasStarted(this.#folder.exit) && stillRuns(process.pid, process.startedAt)) await sleep(STARTED_POLL_MS)
      signalTree(process, 'SIGTERM')
    })
  }

  /** Brings new output into the logs. */
  async shipOutput(): Promise<void> {
    if (this.record.status !== 'RUNNING' || this.#left || !this.#ships(null)) return
    try {
      await this.#output.ship()
    } catch (error) {
      this.#settings.log.warn('a task has output that could not be stored yet', this.#fields(error))
    }
  }

  /** Lets go of the task, which goes on, after what is in motion. */
  async leave(): Promise<void> {
    this.#left = true
    for (const timer of this.#timers) clearInterval(timer)
    await this.#work
  }

  async #start(request: LaunchRequest): Promise<void> {
    this.record = { ...this.record, status: 'PENDING' }
    this.#emit()
    const { cwd, secrets } = this.#settings
    const env = childEnvironment(this.#settings.env, { ...secrets, ...request.env, [TASK_MARK]: this.record.id })
    const [name, ...args] = request.command
    const program = findProgram(name, cwd, env.PATH)
    if ('problem' in program) return this.#cannotStart(`exec: ${JSON.stringify(name ?? '')}: ${program.problem}`)
    try {
      const files = { outputFile: this.#folder.output, exitFile: this.#folder.exit }
      const supervisor = await startSupervisor([program.path, ...args], { ...files, cwd, env })
      const { process, go, ended } = supervisor
      // Only what is on record may run; killed before that, the supervisor never gets its go.
      this.#change({ status: 'RUNNING', process, startedAt: this.#settings.clock.now() }, go)
      void ended.then(() => this.#do(() => this.#finish(process)))
    } catch (error) {
      this.#cannotStart(error instanceof Error ? error.message : String(error))
    }
  }

  #cannotStart(problem: string): void {
    const reason = `CannotStartContainerError: ${problem}`
    this.#neverStarted(reason, reason)
  }

  #neverStarted(stoppedReason: string, containerReason: string | null = null): void {
    const stoppedAt = this.#settings.clock.now()
    const stopCode = this.record.stopCode ?? 'TaskFailedToStart'
    const end = { stopCode, stoppedReason, containerReason }
    this.#change({ status: 'STOPPED', process: null, startedAt: null, stoppedAt, ...end })
  }

  /** The supervisor has ended: the logs are completed first, so that a run that ended is seen with all of them. */
  async #finish(process: ProcessRef): Promise<void> {
    if (this.record.status === 'STOPPED') return
    for (const timer of this.#timers) clearInterval(timer)
    const exit = readExit(this.#folder.exit)
    if (exit.kind === 'unstarted') return this.#neverStarted(this.record.stoppedReason ?? INTERRUPTED)
    if (exit.kind === 'unknown') endLeftovers(process)
    const exitCode = exit.kind === 'exited' ? exit.code : KILLED_EXIT_CODE
    // A command that ends well has waited for its own processes.
    if (exitCode !== 0) await this.#endStrays()
    if (this.#ships(exitCode)) await this.#completeLogs()
    this.#change({
      status: 'STOPPED',
      stoppedAt: this.#settings.clock.now(),
      exitCode,
      stopCode: this.record.stopCode ?? 'EssentialContainerExited',
      stoppedReason: this.record.stoppedReason ?? 'Essential container in task exited',
    })
  }

  /**
   * A flow sends its logs itself, so its output would only repeat them; but when its container fails, nothing else may
   * say why.
   */
  #ships(exitCode: number | null): boolean {
    return !this.record.flow || (exitCode !== null && exitCode !== 0 && this.record.stoppingAt === null)
  }

  async #endStrays(): Promise<void> {
    try {
      await endStrays([`${TASK_MARK}=${this.record.id}`])
    } catch (error) {
      this.#settings.log.error('a task left processes running', this.#fields(error))
    }
  }

  async #completeLogs(): Promise<void> {
    for (let tries = 1; tries <= LOG_TRIES; tries += 1) {
      try {
        return await this.#output.finish()
      } catch (error) {
        this.#settings.log.warn('the output of a task could not be stored', { ...this.#fields(error), tries })
        await sleep(LOG_RETRY_MS * tries)
      }
    }
  }

  #killAfterTimeout(process: ProcessRef): void {
    const { clock, stopTimeoutSeconds } = this.#settings
    const waited = secondsBetween(this.record.stoppingAt ?? clock.now(), clock.now())
    if (this.#left) return
    this.#timers.push(setTimeout(() => signalTree(process, 'SIGKILL'), (stopTimeoutSeconds - waited) * 1000))
  }

  /** Records a change, does what must follow it, and publishes it. */
  #change(change: Partial<TaskRecord>, then?: () => void): void {
    this.record = { ...this.record, ...change }
    appendChange(this.#folder, change)
    then?.()
    this.#emit()
  }

  #emit(): void {
    this.#settings.emit(taskEvent(this.record, this.#settings.clock.now()))
  }

  /** Does one thing after the other; nothing new once the task was let go of. */
  #do(step: () => Promise<void> | void): void {
    if (this.#left) return
    this.#work = this.#work.then(async () => {
      try {
        await step()
      } catch (error) {
        this.#settings.log.error('task lost', this.#fields(error))
      }
    })
  }

  #fields(error: unknown): Record<string, unknown> {
    return { taskArn: this.record.taskArn, reason: error instanceof Error ? error.message : String(error) }
  }
}
