/** Runs that one dispatch or poll passes over at most: those before them the index has caught up with. */
const PASSED_OVER_MAX = 1_000

/** Adds runs that the index may still show where they were, and forgets the oldest. Changes `lost` in place. */
export function passOver(lost: Set<string>, runIds: Iterable<string>): void {
  for (const runId of runIds) lost.add(runId)
  for (const runId of lost) {
    if (lost.size <= PASSED_OVER_MAX) break
    lost.delete(runId)
  }
}
