import { endStrays } from '#shared/process/strays.ts'
import { endLeftovers, signalTree } from '#shared/process/supervisor.ts'
import { endByCommand } from './end-by-command.ts'
import type { Watched, WatchedProcess } from './messages.ts'

/**
 * Ends what is watched, at once: the groups before anything is waited for, then the strays of all of them in one look,
 * and containers side by side. Tells of each that has ended; what could not be ended is not told of.
 */
export async function endWatched(watched: readonly Watched[], tell: (ids: readonly string[]) => void): Promise<void> {
  const trees = watched.filter((each) => 'process' in each)
  for (const tree of trees) killGroup(tree)
  const others = watched.filter((each) => 'command' in each)
  await Promise.all([
    endTrees(trees, tell),
    ...others.map(async ({ id, command }) => {
      if (await endByCommand(command)) tell([id])
    }),
  ])
}

async function endTrees(trees: readonly WatchedProcess[], tell: (ids: readonly string[]) => void): Promise<void> {
  if (trees.length === 0) return
  try {
    await endStrays(trees.map(({ mark }) => mark))
    tell(trees.map(({ id }) => id))
  } catch {
    // Some do not exit yet: they are tried again.
  }
}

/** A pid that is another process's by now is left alone; a supervisor that is gone may have left its group. */
function killGroup({ process }: WatchedProcess): void {
  try {
    signalTree(process, 'SIGKILL')
    endLeftovers(process)
  } catch {
    // Not ours to signal any more, as after a change of user; its strays are tried anyway.
  }
}
