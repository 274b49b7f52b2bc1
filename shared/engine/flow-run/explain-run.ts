import type { Deps } from '#shared/deps.ts'
import { notFound } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { lineOf } from '#shared/flow-run/phase.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import type { Instant } from '#shared/instant.ts'
import { deploymentLimit, type Limit, type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { COUNTING_WORDS } from '#shared/limit/refusal-words.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { listReady } from '#shared/storage/flow-run/list-phase.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { planDispatch, type Wait } from '#shared/work-pool/dispatch-plan.ts'
import { isPushPool } from '#shared/work-pool/work-pool.ts'

type WaitReason =
  | Wait['reason']
  | 'not_due'
  | 'not_in_a_pool'
  | 'behind_others'
  | 'next'
  | 'starting'
  | 'held'
  | 'ended'

/** Why a run is where it is. */
export interface Explanation {
  run: FlowRun
  reason: WaitReason
  message: string
  /** The limit that is in the way, if one is. */
  limit: Limit | null
  /** How many runs of its queue are due before it; null when that does not matter. */
  ahead: number | null
  evaluatedAt: Instant
}

/** Runs ahead are counted up to here. */
const AHEAD_MAX = 1_000

/** Explains why a run waits, with the function that plans dispatch, on limits read now. Raises not_found. */
export async function explainRun(deps: Deps, runId: string): Promise<Explanation> {
  const run = await getRun(deps.table, runId)
  if (!run) throw notFound('Flow run', runId)
  const evaluatedAt = deps.clock.now()
  const say = (reason: WaitReason, message: string, limit: Limit | null = null, ahead: number | null = null) => {
    return { run, reason, message, limit, ahead, evaluatedAt }
  }
  if (isTerminal(run.state.type)) return say('ended', `The run has ended: ${run.state.name}.`)
  if (!isWaiting(run)) return explainHeld(run, say)
  const due = run.nextScheduledStartTime ?? run.expectedStartTime
  if (due > evaluatedAt) return say('not_due', 'The run is not due yet.')
  if (!run.poolId || !run.queueId) {
    return say(
      'not_in_a_pool',
      'The run has no work pool; it starts when a process that serves its deployment polls for it.',
    )
  }
  const keys = [poolLimit(run.poolId), queueLimit(run.queueId), deploymentLimit(run.deploymentId ?? '')]
  const limits = await getLimits(deps.table, keys)
  const wait = waitOf(run, run.poolId, run.queueId, limits, due)
  if (wait) return say(wait.reason, wordsFor(wait), (wait.limit && limits.get(wait.limit)) ?? null)
  const ahead = await countAhead(deps, run, run.poolId, due)
  if (ahead > 0) return say('behind_others', `${ahead} runs of its queue are due before it.`, null, ahead)
  return say('next', await nextWords(deps, run.poolId), null, 0)
}

type Say = (reason: WaitReason, message: string) => Explanation

function explainHeld(run: FlowRun, say: Say): Explanation {
  const { type } = run.state
  if (type !== 'PENDING') return say('held', `The run has been handed out and is ${run.state.name}.`)
  if (run.launch?.taskArn) return say('starting', `Its task is starting: ${run.launch.taskArn}.`)
  return say('starting', 'The run has been handed out; its start has not been reported yet.')
}

function waitOf(
  run: FlowRun,
  poolId: string,
  queueId: string,
  limits: ReadonlyMap<LimitKey, Limit>,
  due: Instant,
): Wait | undefined {
  const { id: runId, life, generation, deploymentId } = run
  const queues = [{ queueId, candidates: [{ runId, life, generation, deploymentId, due }] }]
  return planDispatch({ poolId, queues, limits, handOutMax: 1 }).waits[0]
}

function wordsFor({ limit = 'pool#', reason }: Wait): string {
  const kind = { pool: 'work pool', queue: 'work queue', deployment: 'deployment' }[
    limit.slice(0, limit.indexOf('#')) as 'pool' | 'queue' | 'deployment'
  ]
  switch (reason) {
    case 'full':
      return `The concurrency limit of its ${kind} is reached.`
    case 'counting':
      return COUNTING_WORDS
    case 'paused':
      return `Its ${kind} is paused.`
    case 'deleting':
      return `Its ${kind} is being deleted.`
    case 'missing':
      return `Its ${kind} no longer exists.`
    case 'hand_out_max':
      return 'Other runs are being handed out right now.'
  }
}

async function countAhead(deps: Deps, run: FlowRun, poolId: string, due: Instant): Promise<number> {
  const range = { poolId, line: lineOf(run), dueBefore: due - 1, limit: AHEAD_MAX }
  return (await listReady(deps.table, range)).rows.length
}

async function nextWords(deps: Deps, poolId: string): Promise<string> {
  const pool = await getPool(deps.table, poolId)
  return pool && isPushPool(pool.type)
    ? 'The run is next; the dispatcher hands it out within a minute at the latest.'
    : 'The run is next; it is handed out when a worker polls its pool.'
}
