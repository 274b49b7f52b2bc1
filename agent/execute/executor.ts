import type { TreeEnd } from '#shared/process/process-tree.ts'
import type { ClaimedRun } from '../report/hand-out.ts'

/** What is to be started for a run. */
interface Launch {
  run: ClaimedRun
  /** What is set for the run; an executor adds what any program expects. */
  env: Record<string, string>
  /** Where the command runs. */
  cwd: string
  /** Takes standard output and standard error, in the order they come. */
  outputFile: string
  /** Kept by the executor. */
  exitFile: string
}

/** What runs for a run, with all that it started. */
export interface Execution {
  /** Settles when nothing of it is left. */
  ended: Promise<TreeEnd>
  /** Asks it to end, and ends it after the grace. Resolves when nothing is left. */
  stop(graceSeconds: number): Promise<void>
  /** Removes what would be taken for it, were the run started again under the same claim. */
  remove?(): Promise<void>
}

/**
 * Starts what a run needs, under the watcher, so that it ends with the agent's lease. Throws CannotStart where it can't
 * be started, with the reason, and NotWatched.
 */
export type Execute = (launch: Launch) => Promise<Execution>
