import type { Deps } from '#shared/deps.ts'
import type { SetStateResult } from '#shared/engine/read/set-state-result.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { Claim, FlowRun } from '#shared/flow-run/flow-run.ts'
import type { State } from '#shared/flow-run/state.ts'
import type { Origin } from '#shared/flow-run/writer.ts'
import { type Instant, NEVER } from '#shared/instant.ts'
import { deploymentLimit, type LimitKey } from '#shared/limit/limit.ts'
import { refusalSentence } from '#shared/limit/refusal-sentence.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { claimBatch } from './claim-batch.ts'
import { parkRun, strategyOf } from './park-run.ts'
import { slotsToTake } from './slots-to-take.ts'

/**
 * Claims one run for a client that proposes PENDING (or RUNNING): a Prefect worker, agent or runner. Without room it
 * gets ABORT and leaves the run where it is, which all Prefect versions take for "skip it". Undefined means that the
 * run has changed, so the proposal must be decided again.
 */
export async function claimForClient(
  deps: Deps,
  run: FlowRun,
  state: State,
  origin?: Origin,
): Promise<SetStateResult | undefined> {
  const { slots, poolEpoch } = await slotsToTake(deps, run)
  const { life, generation, revision } = run
  const claim = clientClaim(deps, state.timestamp)
  const outcome = await claimBatch(deps, {
    poolId: run.poolId,
    poolEpoch,
    runs: [{ runId: run.id, life, generation, due: dueOf(run), revision, slots, state }],
    claim,
    origin,
  })
  if (outcome.kind === 'claimed') {
    const claimed = claimedRun(run, state, { ...claim, slots }, origin)
    deps.log.info('flow run claimed by a client', { runId: run.id, generation: claimed.generation })
    return { verdict: { status: 'ACCEPT', state: claimed.state }, run: claimed, wrote: true }
  }
  if (outcome.kind === 'contended' || outcome.lost.length > 0) return undefined
  return await refuse(deps, run, outcome.refused)
}

/**
 * A claim by a client. A stock worker renews no lease, so it has none; the worker reports a crash itself, or a person
 * cancels the run.
 */
export function clientClaim(deps: Deps, at: Instant): Omit<Claim, 'slots'> {
  return { id: deps.ids.token(), by: { kind: 'client', name: null }, at, leaseUntil: NEVER }
}

/** The run as the claim wrote it, which went by its revision; so it need not be read once more. */
function claimedRun(run: FlowRun, state: State, claim: Claim, origin?: Origin): FlowRun {
  const { generation, revision } = run
  const claimed = advance({ ...run, generation: generation + 1 }, state, {}, origin)
  return { ...claimed, claim, revision: revision + 1 }
}

/** Prefect's message for a limit of 0. */
const DEADLOCK = 'The deployment concurrency limit is 0. The flow will deadlock if submitted again.'

const dueOf = (run: FlowRun) => run.nextScheduledStartTime ?? run.expectedStartTime

/** Names the full limit. A full deployment limit parks the run or cancels it, by the deployment's strategy. */
async function refuse(deps: Deps, run: FlowRun, refused: readonly LimitKey[]): Promise<SetStateResult | undefined> {
  const limits = await getLimits(deps.table, refused)
  const full = run.deploymentId ? limits.get(deploymentLimit(run.deploymentId)) : undefined
  const reason = full?.limit === 0 ? DEADLOCK : refusalSentence(refused, limits)
  if (!full || full.available > 0 || full.limit === 0)
    return { verdict: { status: 'ABORT', reason }, run, wrote: false }
  const deployment = run.deploymentId ? await getDeployment(deps.table, run.deploymentId) : undefined
  const stored = await parkRun(deps, run, { limit: full, strategy: strategyOf(deployment) })
  if (!stored) return undefined
  const why = stored.state.message ?? reason
  return { verdict: { status: 'REJECT', state: stored.state, reason: why, written: true }, run: stored, wrote: true }
}
