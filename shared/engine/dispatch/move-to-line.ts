import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { phaseOf } from '#shared/flow-run/phase.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'

/** Runs moved in one look, as many as it reads of a line; the next one goes on. */
const MOVED_MAX = 100

/**
 * Moves waiting runs into the line of their queue: those that only their queue or pool keeps from starting. They keep
 * their due time, and so their turn. Returns which it looked at: the index may show them where they were for a moment.
 */
export async function moveToLine(deps: Deps, runIds: readonly string[]): Promise<string[]> {
  if (runIds.length === 0) return []
  const some = runIds.slice(0, MOVED_MAX)
  const runs = (await getRuns(deps.table, some)).filter(isWaiting)
  await Promise.all(runs.map((run) => moveRun(deps, run)))
  return some
}

async function moveRun(deps: Deps, run: FlowRun): Promise<void> {
  const inLine = { ...run, blockedBy: null, updated: Math.max(run.updated, deps.clock.now()) }
  if (phaseOf(inLine).sort !== phaseOf(run).sort) await saveRun(deps.table, run, inLine)
}
