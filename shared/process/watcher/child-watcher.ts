import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import { type FromWatcher, lineOf, messageOf, type ToWatcher, type Watched } from './messages.ts'

export interface ChildWatcherOptions {
  /** The program whose body is runWatcher, and its arguments. */
  program: readonly string[]
  /** Its environment, which the commands that end containers get too. By default our own. */
  env?: Record<string, string | undefined>
  /** How long it may take to answer; then it counts as lost, and another is started. */
  answerSeconds?: number
}

/** The watcher does not watch this child, so the child must not be let go. */
export class NotWatched extends Error {
  constructor(id: string, reason: string) {
    super(`${id} is not watched: ${reason}`)
    this.name = 'NotWatched'
  }
}

const ANSWER_SECONDS = 5
const RESTART_MS = { first: 50, max: 2_000 }
/** Starts in a row without any answer, after which those who wait are told. */
const STARTS_MAX = 3

interface Waiting {
  watching: Promise<void>
  resolve: () => void
  reject: (error: Error) => void
}

/**
 * The watcher, as seen by the process that feeds it. It starts at the first watch. If it dies while it watches something,
 * it is started again, and told everything again.
 */
export class ChildWatcher {
  readonly #options: ChildWatcherOptions
  readonly #watched = new Map<string, Watched>()
  /** Those that it did not answer for yet. */
  readonly #waiting = new Map<string, Waiting>()
  readonly #listeners: ((ids: readonly string[]) => void)[] = []
  #until: number | undefined
  #process: ChildProcess | undefined
  #answerTimer: NodeJS.Timeout | undefined
  #restartTimer: NodeJS.Timeout | undefined
  #fruitless = 0
  #closed = false

  constructor(options: ChildWatcherOptions) {
    this.#options = options
  }

  /** The watcher's pid, while there is one. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /**
   * Resolves when the child is watched, at once when it is already; raises NotWatched when it can't be, or was ended
   * instead.
   */
  watch(child: Watched): Promise<void> {
    if (this.#closed) return Promise.reject(new NotWatched(child.id, 'the watcher is closed'))
    const other = this.#watched.get(child.id)
    if (other && isDeepStrictEqual(other, child)) return this.#waiting.get(child.id)?.watching ?? Promise.resolve()
    if (other) return Promise.reject(new NotWatched(child.id, 'another of this name is'))
    this.#watched.set(child.id, child)
    const { promise: watching, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.set(child.id, { watching, resolve, reject })
    if (this.#process) this.#send({ watch: child })
    else if (!this.#restartTimer) this.#start()
    this.#expectAnswer()
    return watching
  }

  /** The child has ended, or may live without being watched. */
  forget(id: string): void {
    if (!this.#watched.delete(id)) return
    this.#settle(id, 'it was forgotten')
    this.#send({ forget: id })
  }

  /** Until when, in hostSeconds, all children may live unless it is fed again. */
  feed(untilSeconds: number): void {
    this.#until = untilSeconds
    this.#send({ feed: untilSeconds })
  }

  /** Hears which children were ended as the watcher was not fed in time. */
  onEnded(listener: (ids: readonly string[]) => void): void {
    this.#listeners.push(listener)
  }

  /** Ends the watcher, and what it still watches; waits until that is done. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#restartTimer)
    clearTimeout(this.#answerTimer)
    for (const id of this.#waiting.keys()) this.#settle(id, 'the watcher is closed')
    if (!this.#process && this.#watched.size > 0) this.#start()
    const watcher = this.#process
    if (!watcher) return
    watcher.stdin?.end()
    await new Promise<void>((resolve) => {
      watcher.once('exit', () => resolve())
      watcher.once('error', () => resolve())
    })
  }

  #start(): void {
    this.#restartTimer = undefined
    const [program = '', ...args] = this.#options.program
    const { env = process.env } = this.#options
    // In a session of its own: what a terminal, or a signal to our group, ends is not the watcher.
    const watcher = spawn(program, args, { env, detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
    this.#process = watcher
    // A program that can't be started raises an error and never exits; either way this one is no more.
    watcher.once('error', () => this.#lost(watcher))
    watcher.once('exit', () => this.#lost(watcher))
    watcher.stdin?.on('error', () => {})
    if (watcher.stdout) {
      createInterface({ input: watcher.stdout }).on('line', (line) =>
        this.#hear(messageOf(line) as FromWatcher | undefined),
      )
    }
    if (this.#until !== undefined) this.#send({ feed: this.#until })
    for (const child of this.#watched.values()) this.#send({ watch: child })
  }

  #send(message: ToWatcher): void {
    this.#process?.stdin?.write(lineOf(message))
  }

  #hear(message: FromWatcher | undefined): void {
    if (message === undefined) return
    this.#fruitless = 0
    clearTimeout(this.#answerTimer)
    this.#answerTimer = undefined
    if ('watching' in message) this.#settle(message.watching)
    else this.#hearOfEnd(message.ended)
    this.#expectAnswer()
  }

  #hearOfEnd(ids: readonly string[]): void {
    for (const id of ids) {
      this.#watched.delete(id)
      this.#settle(id, 'it was ended, as the watcher was not fed in time')
    }
    for (const listener of this.#listeners) listener(ids)
  }

  /** A watcher that is stopped, or in a tight spot, is no good: another takes its place. */
  #expectAnswer(): void {
    if (this.#closed || this.#waiting.size === 0) return
    const { answerSeconds = ANSWER_SECONDS } = this.#options
    this.#answerTimer ??= setTimeout(() => {
      this.#answerTimer = undefined
      this.#process?.kill('SIGKILL')
      this.#expectAnswer()
    }, answerSeconds * 1000)
  }

  #settle(id: string, problem?: string): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (problem === undefined) waiting?.resolve()
    else waiting?.reject(new NotWatched(id, problem))
  }

  #lost(watcher: ChildProcess): void {
    if (this.#process !== watcher) return
    this.#process = undefined
    if (this.#closed) return
    this.#fruitless += 1
    if (this.#fruitless >= STARTS_MAX) {
      for (const id of this.#waiting.keys()) {
        this.#watched.delete(id)
        this.#settle(id, 'the watcher does not start')
      }
    }
    if (this.#watched.size === 0) return
    const waitMs = Math.min(RESTART_MS.first * 2 ** (this.#fruitless - 1), RESTART_MS.max)
    this.#restartTimer = setTimeout(() => this.#start(), waitMs)
  }
}
