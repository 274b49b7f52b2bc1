import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { deploymentLimit, type LimitKey, poolLimit } from '#shared/limit/limit.ts'
import { slotsOf } from '#shared/limit/slots.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'

/** The slots that a claim takes, and the epoch of the pool's limit under which that was found out. */
export interface SlotsToTake {
  slots: LimitKey[]
  poolEpoch: { key: LimitKey; epoch: number } | null
}

/** Finds out which slots a claim of the run must take now. */
export async function slotsToTake(
  deps: Deps,
  run: Pick<FlowRun, 'poolId' | 'queueId' | 'deploymentId'>,
): Promise<SlotsToTake> {
  const poolKey = run.poolId === null ? null : poolLimit(run.poolId)
  const keys = [poolKey ?? [], run.deploymentId === null ? [] : deploymentLimit(run.deploymentId)].flat()
  const limits = keys.length > 0 ? await getLimits(deps.table, keys) : new Map()
  const poolEpoch = poolKey && { key: poolKey, epoch: limits.get(poolKey)?.epoch ?? 0 }
  return { slots: slotsOf(run, limits), poolEpoch }
}
