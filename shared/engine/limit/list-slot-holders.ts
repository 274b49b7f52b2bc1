import { HOLDERS_SHOWN_MAX, SCAN_RUNS_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { lightRun } from '#shared/flow-run/light-run.ts'
import { activePhase } from '#shared/flow-run/phase.ts'
import { getSizedRuns } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listPhase, type PhaseRange } from '#shared/storage/flow-run/list-phase.ts'

const PAGE_RUNS = 1_000

/**
 * The runs that hold slots of these queues of a pool, by queue: of each queue those from `offset` on, at most `perQueue`.
 * The figures of a limit are exact; this list is as fresh as the index. What may be large of the runs is left out.
 */
export async function listSlotHolders(
  deps: Deps,
  poolId: string,
  queueIds: readonly string[],
  { offset = 0, perQueue }: { offset?: number; perQueue: number },
): Promise<Map<string, FlowRun[]>> {
  const wanted = new Map<string, string[]>(queueIds.map((queueId) => [queueId, []]))
  const isFull = () => [...wanted.values()].every((runIds) => runIds.length >= offset + perQueue)
  let after: PhaseRange['after']
  let looked = 0
  do {
    if (isFull()) break
    const page = await listPhase(deps.table, { phase: activePhase(poolId), limit: PAGE_RUNS, after })
    for (const row of page.rows) wanted.get(row.queueId ?? '')?.push(row.runId)
    looked += page.rows.length
    after = page.after
  } while (after && looked < SCAN_RUNS_MAX)
  const shown = [...wanted.values()].flatMap((runIds) => runIds.slice(offset, offset + perQueue))
  const runs: FlowRun[] = []
  for await (const group of getSizedRuns(deps.table, shown.slice(0, HOLDERS_SHOWN_MAX))) {
    runs.push(...group.map(({ run }) => lightRun(run)))
  }
  return Map.groupBy(runs, (run) => run.queueId ?? '')
}
