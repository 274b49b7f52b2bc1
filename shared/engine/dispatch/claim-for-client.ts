import type { Deps } from '#shared/deps.ts'
import type { SetStateResult } from '#shared/engine/read/set-state-result.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { Claim, FlowRun } from '#shared/flow-run/flow-run.ts'
import type { State } from '#shared/flow-run/state.ts'
import { NEVER } from '#shared/instant.ts'
import { deploymentLimit, type LimitKey, poolLimit } from '#shared/limit/limit.ts'
import { slotsOf } from '#shared/limit/slots.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { claimBatch } from './claim-batch.ts'
import { parkRun, strategyOf } from './park-run.ts'

/**
 * Claims one run for a client that proposes PENDING (or RUNNING): a Prefect worker, agent or runner. Without room it
 * gets ABORT and leaves the run where it is, which all Prefect versions take for "skip it". Undefined means that the
 * run has changed, so the proposal must be decided again.
 */
export async function claimForClient(deps: Deps, run: FlowRun, state: State): Promise<SetStateResult | undefined> {
  const keys = [
    run.poolId ? poolLimit(run.poolId) : [],
    run.deploymentId ? deploymentLimit(run.deploymentId) : [],
  ].flat()
  const limits = await getLimits(deps.table, keys)
  const poolKey = run.poolId ? poolLimit(run.poolId) : undefined
  const poolEpoch = poolKey ? { key: poolKey, epoch: limits.get(poolKey)?.epoch ?? 0 } : null
  const slots = slotsOf(run, limits)
  const { life, generation, revision } = run
  // A stock worker renews no lease, so its claim has none; it reports a crash itself, or a person cancels the run.
  const by = { kind: 'client', name: null } as const
  const claim = { id: deps.ids.token(), by, at: state.timestamp, leaseUntil: NEVER }
  const outcome = await claimBatch(deps, {
    poolId: run.poolId,
    poolEpoch,
    runs: [{ runId: run.id, life, generation, due: dueOf(run), revision, slots, state }],
    claim,
  })
  if (outcome.kind === 'claimed') {
    const claimed = claimedRun(run, state, { ...claim, slots })
    deps.log.info('flow run claimed by a client', { runId: run.id, generation: claimed.generation })
    return { verdict: { status: 'ACCEPT', state: claimed.state }, run: claimed, wrote: true }
  }
  if (outcome.kind === 'contended' || outcome.lost.length > 0) return undefined
  return await refuse(deps, run, outcome.refused)
}

/** The run as the claim wrote it, which went by its revision; so it need not be read once more. */
function claimedRun(run: FlowRun, state: State, claim: Claim): FlowRun {
  const { generation, revision } = run
  return { ...advance(run, state), generation: generation + 1, claim, launch: null, revision: revision + 1 }
}

/** Prefect's message for a limit of 0. */
const DEADLOCK = 'The deployment concurrency limit is 0. The flow will deadlock if submitted again.'

const dueOf = (run: FlowRun) => run.nextScheduledStartTime ?? run.expectedStartTime

/** Names the full limit. A full deployment limit parks the run or cancels it, by the deployment's strategy. */
async function refuse(deps: Deps, run: FlowRun, refused: readonly LimitKey[]): Promise<SetStateResult | undefined> {
  const limits = await getLimits(deps.table, refused)
  const full = run.deploymentId ? limits.get(deploymentLimit(run.deploymentId)) : undefined
  const reason = full?.limit === 0 ? DEADLOCK : `No slot is free in ${refused.join(', ')}.`
  if (!full || full.available > 0 || full.limit === 0)
    return { verdict: { status: 'ABORT', reason }, run, wrote: false }
  const deployment = run.deploymentId ? await getDeployment(deps.table, run.deploymentId) : undefined
  const stored = await parkRun(deps, run, { limit: full, strategy: strategyOf(deployment) })
  if (!stored) return undefined
  const why = stored.state.message ?? reason
  return { verdict: { status: 'REJECT', state: stored.state, reason: why, written: true }, run: stored, wrote: true }
}
