import { startTree } from '#shared/process/process-tree.ts'
import type { ChildWatcher } from '#shared/process/watcher/child-watcher.ts'
import { handOutKey } from '../report/hand-out.ts'
import type { Execute } from './executor.ts'
import { inheritedEnvironment } from './inherited-environment.ts'
import { runCommand } from './run-command.ts'

/** The variable that marks every process of a run. */
const MARK = 'PUSHPOOL_HAND_OUT'

/** Runs are process trees on this host. */
export function processExecutor(
  watcher: Pick<ChildWatcher, 'watch' | 'forget'>,
  own: Record<string, string | undefined>,
): Execute {
  return ({ run, env: given, cwd, outputFile, exitFile }) => {
    const mark = `${MARK}=${handOutKey(run)}`
    const env = { ...inheritedEnvironment(own), ...given }
    return startTree({ command: runCommand(run, cwd, env.PATH), env, cwd, outputFile, exitFile, mark }, watcher)
  }
}
