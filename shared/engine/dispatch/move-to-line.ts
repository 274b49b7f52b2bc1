import type { Deps } from '#shared/deps.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'

/** Runs moved in one look; the next one goes on. */
const MOVED_MAX = 25

/**
 * Moves waiting runs into the line of their queue: those that only their queue or pool keeps from starting. They keep
 * their due time, and so their turn. Returns which were moved.
 */
export async function moveToLine(deps: Deps, runIds: readonly string[]): Promise<string[]> {
  if (runIds.length === 0) return []
  const runs = (await getRuns(deps.table, runIds.slice(0, MOVED_MAX))).filter(isWaiting)
  const moved = await Promise.all(
    runs.map(async (run) => {
      const inLine = { ...run, blockedBy: null, updated: Math.max(run.updated, deps.clock.now()) }
      return (await saveRun(deps.table, run, inLine)) ? [run.id] : []
    }),
  )
  return moved.flat()
}
