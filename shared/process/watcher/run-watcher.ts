import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { hostSeconds } from '#shared/process/host-clock.ts'
import { endWatched } from './end-watched.ts'
import { type FromWatcher, lineOf, messageOf, type ToWatcher, type Watched } from './messages.ts'

/** What ends its parent, or a terminal's programs, must not end the one that ends what they leave. */
const IGNORED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGTSTP', 'SIGUSR1', 'SIGUSR2'] as const
/** The longest sleep. A timer stands still while the machine is suspended, so the clock is looked at in between. */
const LOOK_MS_MAX = 1_000
/** How long what is watched is tried to be ended after the parent's death. */
const LAST_SECONDS = 120
const RETRY_MS = 200

/**
 * Watches children on behalf of its parent, which feeds it over stdin; for the messages see messages.ts. When it is not
 * fed in time it ends all that it watches, says so, and goes on. When stdin closes the parent is gone: it ends them at
 * once, and exits. It looks at no wall clock, and lives as long as its parent, whatever signals it gets.
 */
export async function runWatcher(): Promise<void> {
  for (const signal of IGNORED) process.on(signal, () => {})
  // Nobody hears the answers of a parent that is gone.
  process.stdout.on('error', () => {})
  const watcher = new Watcher((message) => void process.stdout.write(lineOf(message)))
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => watcher.take(messageOf(line) as ToWatcher | undefined))
  process.stdin.on('error', () => lines.close())
  await once(lines, 'close')
  await watcher.finish()
}

class Watcher {
  readonly #tell: (message: FromWatcher) => void
  readonly #watched = new Map<string, Watched>()
  readonly #unanswered: string[] = []
  readonly #ending = new Set<Watched>()
  /** Until when it is fed, in host seconds. Before the first feed only the parent's death counts. */
  #until = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined

  constructor(tell: (message: FromWatcher) => void) {
    this.#tell = tell
  }

  take(message: ToWatcher | undefined): void {
    if (message === undefined) return
    if ('feed' in message) this.#until = message.feed
    if ('forget' in message) this.#watched.delete(message.forget)
    if ('watch' in message) {
      this.#watched.set(message.watch.id, message.watch)
      this.#unanswered.push(message.watch.id)
    }
    this.#lookSoon()
  }

  /** Ends everything that is left; gives up in the end. */
  async finish(): Promise<void> {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    const start = hostSeconds()
    while (this.#watched.size > 0 && hostSeconds() - start < LAST_SECONDS) {
      await this.#endAll()
      if (this.#watched.size > 0) await sleep(RETRY_MS)
    }
  }

  /** A process that was stopped is woken with old feeds before newer ones: all are read before the clock is looked at. */
  #lookSoon(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#immediate = setImmediate(() => this.#look())
  }

  #look(): void {
    const left = this.#until - hostSeconds()
    const unanswered = this.#unanswered.splice(0)
    // One that comes too late gets no answer, so it is never let go: it is ended like the others.
    if (left <= 0) void this.#endAll()
    else for (const id of unanswered) this.#tell({ watching: id })
    if (this.#watched.size === 0) return
    const waitMs = left <= 0 ? RETRY_MS : Math.min(Math.ceil(left * 1000), LOOK_MS_MAX)
    this.#timer = setTimeout(() => this.#lookSoon(), waitMs)
  }

  async #endAll(): Promise<void> {
    const watched = [...this.#watched.values()].filter((each) => !this.#ending.has(each))
    for (const each of watched) this.#ending.add(each)
    const byId = new Map(watched.map((each) => [each.id, each]))
    try {
      await endWatched(watched, (ids) => {
        // One of this name that was told of meanwhile is another.
        for (const id of ids) if (this.#watched.get(id) === byId.get(id)) this.#watched.delete(id)
        this.#tell({ ended: ids })
      })
    } finally {
      for (const each of watched) this.#ending.delete(each)
    }
  }
}
