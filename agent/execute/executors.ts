import type { ChildWatcher } from '#shared/process/watcher/child-watcher.ts'
import type { AgentOptions } from '../agent-options.ts'
import type { ClaimedRun } from '../report/hand-out.ts'
import { processExecutor } from './execute-process.ts'
import type { Execute } from './executor.ts'

const DOCKER_POOL = 'docker'

/** The executors of an agent. What only some runs need is loaded with the first of them. */
export class Executors {
  readonly #watcher: ChildWatcher
  readonly #options: AgentOptions
  readonly #process: Execute
  #docker: Promise<Execute> | undefined

  constructor(watcher: ChildWatcher, options: AgentOptions) {
    this.#watcher = watcher
    this.#options = options
    this.#process = processExecutor(watcher, options.env)
  }

  /** The one for a run, by the type of its pool. */
  async of({ work_pool_type: type }: ClaimedRun): Promise<Execute> {
    if (type !== DOCKER_POOL) return this.#process
    this.#docker ??= import('./execute-docker.ts').then((module) => module.dockerExecutor(this.#watcher, this.#options))
    return await this.#docker
  }
}
