import type { Deps } from '#shared/deps.ts'
import type { Claimant } from '#shared/flow-run/flow-run.ts'
import type { Instant } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { type ClaimResult, type ClaimTarget, claimRuns } from '#shared/storage/flow-run/claim-runs.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'

export interface ClaimOrder {
  poolId: string | null
  poolEpoch: { key: LimitKey; epoch: number } | null
  runs: readonly ClaimTarget[]
  by: Claimant
  at: Instant
  leaseUntil: Instant
}

export type ClaimOutcome = ClaimResult & { claimId: string }

/**
 * Claims runs in one transaction, and finds out what became of it when the answer got lost: the first run then tells,
 * since the transaction claims all or none. Raises the error itself when even that read fails; nothing is then assumed,
 * and the sweep finds the claim if there is one.
 */
export async function claimBatch(deps: Deps, order: ClaimOrder): Promise<ClaimOutcome> {
  const { poolId, poolEpoch, runs, by, at, leaseUntil } = order
  const claimId = deps.ids.token()
  try {
    const result = await claimRuns(deps.table, { poolId, poolEpoch, runs, claim: { id: claimId, by, at, leaseUntil } })
    return { ...(await ownSuccess(deps, result, runs, claimId)), claimId }
  } catch (error) {
    deps.log.warn('claim answer lost', { poolId, claimId, reason: String(error) })
    deps.metrics.count('ClaimsUnknown', 1)
    if (await holdsClaim(deps, runs, claimId)) return { kind: 'claimed', claimId }
    throw error
  }
}

/**
 * A condition that fails may fail because an earlier try of this same transaction went through and only its answer was
 * lost; the claim id on the run says so.
 */
async function ownSuccess(
  deps: Deps,
  result: ClaimResult,
  runs: readonly ClaimTarget[],
  claimId: string,
): Promise<ClaimResult> {
  if (result.kind !== 'refused' || result.lost.length < runs.length) return result
  return (await holdsClaim(deps, runs, claimId)) ? { kind: 'claimed' } : result
}

async function holdsClaim(deps: Deps, runs: readonly ClaimTarget[], claimId: string): Promise<boolean> {
  const first = runs[0] && (await getRun(deps.table, runs[0].runId))
  return first?.claim?.id === claimId
}
