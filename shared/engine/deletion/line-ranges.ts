import type { Deps } from '#shared/deps.ts'
import { blockedPhase, LATER_LINE, readyPhase, readySort } from '#shared/flow-run/phase.ts'
import { NEVER } from '#shared/instant.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import type { PhaseRange } from '#shared/storage/flow-run/list-phase.ts'
import { listLineIds } from '#shared/storage/work-pool/list-pool-lines.ts'

/** Runs that wait in a pool, in one of its queues, or for a deployment, wherever that is. */
export interface Where {
  poolId?: string
  queueId?: string
  deploymentId?: string
}

/** Sorts after every key of a phase. */
export const LAST_SORT = '~'

type Range = Pick<PhaseRange, 'phase' | 'from' | 'to'>

/** The parts of the phase index in which such runs wait: in line, due later, or for a limit. Others may be there, too. */
export async function lineRanges(deps: Deps, { poolId, queueId, deploymentId }: Where): Promise<Range[]> {
  if (poolId !== undefined) {
    const ready = { phase: readyPhase(poolId) }
    const lines = queueId === undefined ? [ready] : [lineRange(poolId, queueId), lineRange(poolId, LATER_LINE)]
    return [...lines, { phase: blockedPhase(poolId) }]
  }
  const limit = deploymentLimit(deploymentId ?? '')
  return (await listLineIds(deps.table)).flatMap((id): Range[] => [
    id === null ? lineRange(null, deploymentId ?? '') : { phase: readyPhase(id) },
    { phase: blockedPhase(id), from: `${limit}#`, to: `${limit}#${LAST_SORT}` },
  ])
}

function lineRange(poolId: string | null, line: string): Range {
  return { phase: readyPhase(poolId), from: readySort(line, 0), to: readySort(line, NEVER) }
}
