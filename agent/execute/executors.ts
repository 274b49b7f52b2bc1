import type { ChildWatcher } from '#shared/process/watcher/child-watcher.ts'
import type { AgentOptions } from '../agent-options.ts'
import type { ClaimedRun } from '../report/hand-out.ts'
import { processExecutor } from './execute-process.ts'
import type { Execute } from './executor.ts'

/** The executors of an agent, each made when the first run needs it. */
export class Executors {
  readonly #watcher: ChildWatcher
  readonly #options: AgentOptions
  #process: Execute | undefined

  constructor(watcher: ChildWatcher, options: AgentOptions) {
    this.#watcher = watcher
    this.#options = options
  }

  /** The one for a run, by the type of its pool. */
  of(_run: ClaimedRun): Promise<Execute> {
    this.#process ??= processExecutor(this.#watcher, this.#options.env)
    return Promise.resolve(this.#process)
  }
}
