import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { deploymentLimit, type LimitKey, poolLimit } from '#shared/limit/limit.ts'
import { slotsOf } from '#shared/limit/slots.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'

/** The slots that a claim takes, and what must still be so when it commits. */
export interface SlotsToTake {
  slots: LimitKey[]
  /** The epoch of the pool's limit under which they were found out. */
  poolEpoch: { key: LimitKey; epoch: number } | null
  /**
   * Outside of pools, where neither an epoch nor a pool's count tells of the run: the deployment's limit, if there is none
   * yet. The claim creates it.
   */
  absent: LimitKey | null
}

/**
 * Finds out which slots a claim of the run must take now. The pool's limit is read before the deployment's, and by itself:
 * one read of both may see the newer of one and the older of the other.
 */
export async function slotsToTake(
  deps: Deps,
  run: Pick<FlowRun, 'poolId' | 'queueId' | 'deploymentId'>,
): Promise<SlotsToTake> {
  const poolKey = run.poolId === null ? null : poolLimit(run.poolId)
  const poolEpoch = poolKey && {
    key: poolKey,
    epoch: (await getLimits(deps.table, [poolKey])).get(poolKey)?.epoch ?? 0,
  }
  const ownKey = run.deploymentId === null ? null : deploymentLimit(run.deploymentId)
  const limits = await getLimits(deps.table, ownKey ? [ownKey] : [])
  const absent = ownKey && !poolKey && !limits.has(ownKey) ? ownKey : null
  return { slots: [...slotsOf(run, limits), ...(absent ? [absent] : [])], poolEpoch, absent }
}
