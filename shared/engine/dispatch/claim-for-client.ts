import type { Deps } from '#shared/deps.ts'
import type { SetStateResult } from '#shared/engine/read/set-state-result.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { Claim, FlowRun } from '#shared/flow-run/flow-run.ts'
import { DEPLOYMENT_DELETED } from '#shared/flow-run/messages.ts'
import { newState, type State } from '#shared/flow-run/state.ts'
import type { Origin } from '#shared/flow-run/writer.ts'
import { type Instant, NEVER } from '#shared/instant.ts'
import { deploymentLimit, type LimitKey, refusalOf } from '#shared/limit/limit.ts'
import { DEADLOCK_WORDS, REACHED_WORDS } from '#shared/limit/refusal-words.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { claimBatch } from './claim-batch.ts'
import { nameRefusal } from './name-refusal.ts'
import { parkRun, strategyOf } from './park-run.ts'
import { slotsToTake } from './slots-to-take.ts'

/**
 * Claims one run for a client that proposes PENDING (or RUNNING): a Prefect worker, agent or runner. Without room it
 * gets ABORT and leaves the run where it is, which all Prefect versions take for "skip it". A run whose deployment is being
 * deleted is cancelled. Undefined means that the
 * run has changed, so the proposal must be decided again.
 */
export async function claimForClient(
  deps: Deps,
  run: FlowRun,
  state: State,
  origin?: Origin,
): Promise<SetStateResult | undefined> {
  const [{ slots, poolEpoch, absent }, deployment] = await Promise.all([
    slotsToTake(deps, run),
    run.deploymentId === null ? undefined : getDeployment(deps.table, run.deploymentId),
  ])
  if (run.deploymentId !== null && (!deployment || deployment.deleting)) return await cancelForGood(deps, run)
  const { life, generation, revision } = run
  const claim = clientClaim(deps, state.timestamp)
  const outcome = await claimBatch(deps, {
    poolId: run.poolId,
    poolEpoch,
    absent,
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

/** Ends a run whose deployment is gone, or going, and that its deletion has not come to yet. */
async function cancelForGood(deps: Deps, run: FlowRun): Promise<SetStateResult | undefined> {
  const next = advance(run, newState('CANCELLED', deps.clock.now(), { message: DEPLOYMENT_DELETED }))
  if (!(await saveRun(deps.table, run, next))) return undefined
  const stored = { ...next, revision: run.revision + 1 }
  const verdict = { status: 'REJECT', state: stored.state, reason: DEPLOYMENT_DELETED, written: true } as const
  return { verdict, run: stored, wrote: true }
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

const dueOf = (run: FlowRun) => run.nextScheduledStartTime ?? run.expectedStartTime

/**
 * Says which limit is in the way. A full deployment limit parks the run or, once it is due, cancels it, by the deployment's
 * strategy. Undefined when nothing is in the way any more, or another write came first.
 */
async function refuse(deps: Deps, run: FlowRun, refused: readonly LimitKey[]): Promise<SetStateResult | undefined> {
  const limits = await getLimits(deps.table, refused)
  const abort = (reason: string): SetStateResult => ({ verdict: { status: 'ABORT', reason }, run, wrote: false })
  const own = run.deploymentId ? limits.get(deploymentLimit(run.deploymentId)) : undefined
  const full = own && refusalOf(own) === 'full' ? own : undefined
  const deployment = full && run.deploymentId ? await getDeployment(deps.table, run.deploymentId) : undefined
  const strategy = strategyOf(deployment)
  const early = dueOf(run) > deps.clock.now()
  if (!full || (strategy === 'CANCEL_NEW' && early)) {
    const words = await nameRefusal(deps, run, refused, limits)
    return words === null ? undefined : abort(words)
  }
  if (full.limit === 0 && strategy !== 'CANCEL_NEW') return abort(DEADLOCK_WORDS)
  const stored = await parkRun(deps, run, { limit: full, strategy })
  if (!stored) return undefined
  const reason = stored.state.message ?? REACHED_WORDS
  return { verdict: { status: 'REJECT', state: stored.state, reason, written: true }, run: stored, wrote: true }
}
