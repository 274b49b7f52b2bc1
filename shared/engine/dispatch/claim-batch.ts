import type { Deps } from '#shared/deps.ts'
import { type ClaimRequest, type ClaimResult, claimRuns } from '#shared/storage/flow-run/claim-runs.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'

/**
 * Claims runs in one transaction, and determines the outcome when the response is lost, by the first run, since the
 * transaction claims all or none. Raises the error itself when even that read fails; the sweep then finds the claim, if
 * there is one.
 */
export async function claimBatch(deps: Deps, request: ClaimRequest): Promise<ClaimResult> {
  try {
    return await ownSuccess(deps, request, await claimRuns(deps.table, request))
  } catch (error) {
    deps.log.warn('claim response lost', { poolId: request.poolId, claimId: request.claim.id, reason: String(error) })
    deps.metrics.count('ClaimsUnknown', 1)
    if (await holdsClaim(deps, request)) return { kind: 'claimed' }
    throw error
  }
}

/**
 * A condition that fails may fail because an earlier try of this same transaction went through and only its answer was
 * lost; the claim id on the run says so.
 */
async function ownSuccess(deps: Deps, request: ClaimRequest, result: ClaimResult): Promise<ClaimResult> {
  if (result.kind !== 'refused' || result.lost.length < request.runs.length) return result
  return (await holdsClaim(deps, request)) ? { kind: 'claimed' } : result
}

async function holdsClaim(deps: Deps, { runs, claim }: ClaimRequest): Promise<boolean> {
  const first = runs[0] && (await getRun(deps.table, runs[0].runId))
  return first?.claim?.id === claim.id
}
