import { ANSWER_DETAILS_BYTES_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { getSizedRuns } from '#shared/storage/flow-run/get-sized-runs.ts'

/**
 * The wanted ones of these runs, from the first on, as many as fit one answer: for pollers, which poll again for the
 * rest. The first is always included.
 */
export async function getFittingRuns(
  deps: Deps,
  runIds: readonly string[],
  isWanted: (run: FlowRun) => boolean,
): Promise<FlowRun[]> {
  const runs: FlowRun[] = []
  let bytes = 0
  for await (const group of getSizedRuns(deps.table, runIds)) {
    for (const { run, detailBytes } of group) {
      if (!isWanted(run)) continue
      bytes += detailBytes
      if (bytes > ANSWER_DETAILS_BYTES_MAX && runs.length > 0) return runs
      runs.push(run)
    }
  }
  return runs
}
