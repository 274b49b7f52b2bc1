import type { TreeEnd } from '#shared/process/process-tree.ts'
import type { Outcome } from '../agent-status.ts'
import type { Execution } from '../execute/executor.ts'
import { runEnvironment } from '../execute/run-environment.ts'
import type { ClaimedRun } from '../report/hand-out.ts'
import type { HoldParts } from './hold-parts.ts'
import { createFolder, placeOf, type RunFolder, removeFolder, runFolder } from './run-folder.ts'

/** Ends after which nobody asks what was in the folder of the run. */
const WELL = new Set<Outcome>(['completed', 'handed_back', 'cancelled'])

/** The process of a run that is held, with the folder that it has on disk. */
export class RunProcess {
  readonly folder: RunFolder
  readonly #run: ClaimedRun
  readonly #parts: Pick<HoldParts, 'options' | 'api' | 'executors'>
  #execution: Execution | undefined

  constructor(run: ClaimedRun, parts: Pick<HoldParts, 'options' | 'api' | 'executors'>) {
    this.#run = run
    this.#parts = parts
    this.folder = runFolder(parts.options.workDir, run)
  }

  /** Starts it. Throws with the reason where that can't be done. */
  async start(): Promise<void> {
    const { options, api, executors } = this.#parts
    const { outputFile, exitFile } = this.folder
    createFolder(this.folder)
    const env = runEnvironment(this.#run, options.apiUrl, api.key)
    const cwd = placeOf(this.#run, this.folder)
    await this.#execution?.remove?.()
    const execute = await executors.of(this.#run)
    this.#execution = await execute({ run: this.#run, env, cwd, outputFile, exitFile })
  }

  /** Resolves when nothing of it is left. */
  ended(): Promise<TreeEnd> {
    return this.#execution?.ended ?? Promise.resolve({ kind: 'killed' })
  }

  /** Ends it, if it runs. */
  stop(graceSeconds: number): void {
    void this.#execution?.stop(graceSeconds).catch(() => {})
  }

  /** Removes the folder, unless it is to be kept for somebody to look at. */
  cleanUp(outcome: Outcome): void {
    if (this.#parts.options.keepFailed && !WELL.has(outcome)) return
    removeFolder(this.folder)
  }
}
