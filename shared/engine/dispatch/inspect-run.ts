import type { Deps } from '#shared/deps.ts'
import { type EcsTask, isRunning, isStopped, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { launchContexts } from '#shared/engine/job/launch-contexts.ts'
import { advance, deadlineOf } from '#shared/flow-run/advance.ts'
import type { Claim, FlowRun } from '#shared/flow-run/flow-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { addSeconds, type Instant, secondsBetween } from '#shared/instant.ts'
import {
  CANCEL_CHECK_SECONDS,
  EVIDENCE_SECONDS,
  LAUNCH_GRACE_SECONDS,
  STOPPED_VISIBLE_SECONDS,
  TOKEN_TRUST_SECONDS,
} from '#shared/limits.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { applyConsequences } from './apply-consequences.ts'
import { applyEcsTask } from './apply-ecs-task.ts'
import { launchRun, recordEcsTask, requeueRun } from './launch-run.ts'
import { stopEcsTask } from './stop-ecs-task.ts'

export type Inspection = 'renewed' | 'relaunched' | 'settled' | 'stopping' | 'gone'

/**
 * Looks at a held run of which nothing was heard in time. Time alone proves nothing: ECS is asked what became of its
 * task, and only what it answers (or can no longer answer) changes the run. May be repeated and run twice at once.
 */
export async function inspectRun(deps: Deps, runId: string): Promise<Inspection> {
  const run = await getRun(deps.table, runId)
  if (!run) return 'gone'
  if (run.claim?.by.kind !== 'dispatcher' && run.state.type === 'CANCELLING') return await settleCancelled(deps, run)
  if (!run.claim) return 'gone'
  if (run.claim.by.kind === 'agent') {
    // The index may still show the lease that a heartbeat has renewed since.
    if (run.claim.leaseUntil > deps.clock.now()) return 'renewed'
    return await crash(deps, run, 'The agent that held this run went silent.')
  }
  if (run.claim.by.kind === 'client') return await renew(deps, run, run.claim, EVIDENCE_SECONDS)
  const taskArn = run.launch?.taskArn
  if (!taskArn) return await inspectUnlaunched(deps, run, run.claim)
  const [task] = await deps.tasks.describe([taskArn])
  return task ? await inspectTask(deps, run, run.claim, task) : await inspectMissing(deps, run, run.claim)
}

/** A claim without a recorded task: its launch was lost on the way, or a cancel came in between. */
async function inspectUnlaunched(deps: Deps, run: FlowRun, claim: Claim): Promise<Inspection> {
  const ageSeconds = secondsBetween(claim.at, deps.clock.now())
  const known = await deps.tasks.listStartedBy(startedByOf(run.id, run.generation))
  const task = known.find((one) => !isStopped(one)) ?? known[0]
  if (task) {
    await recordEcsTask(deps, run, task.taskArn)
    await applyEcsTask(deps, task)
    return 'settled'
  }
  if (run.state.type === 'CANCELLING') {
    if (ageSeconds <= LAUNCH_GRACE_SECONDS) return await renew(deps, run, claim, CANCEL_CHECK_SECONDS)
    return await settleCancelled(deps, run)
  }
  // Something runs that reported this state, so it must not be started again.
  if (run.state.type !== 'PENDING') return await inspectMissing(deps, run, claim)
  if (ageSeconds <= TOKEN_TRUST_SECONDS) return await relaunch(deps, run)
  await requeueRun(deps, run, 'Its launch was lost')
  return 'settled'
}

/** Repeats a launch under its token, and takes the news of the task at once: it may have come and gone long ago. */
async function relaunch(deps: Deps, run: FlowRun): Promise<Inspection> {
  const pool = run.poolId ? await getPool(deps.table, run.poolId) : undefined
  deps.log.warn('repeating a lost launch', { runId: run.id, generation: run.generation })
  deps.metrics.count('LaunchesRepeated', 1)
  await launchRun(deps, run, await launchContexts(deps, pool)(run))
  const taskArn = (await getRun(deps.table, run.id))?.launch?.taskArn
  for (const task of taskArn ? await deps.tasks.describe([taskArn]) : []) await applyEcsTask(deps, task)
  return 'relaunched'
}

async function inspectTask(deps: Deps, run: FlowRun, claim: Claim, task: EcsTask): Promise<Inspection> {
  if (isStopped(task)) {
    await applyEcsTask(deps, task)
    return 'settled'
  }
  const now = deps.clock.now()
  const reason = stopReasonOf(run, claim, task, now)
  if (reason) {
    await stopEcsTask(deps, run.id, { taskArn: task.taskArn, reason })
    await renew(deps, run, claim, CANCEL_CHECK_SECONDS)
    return 'stopping'
  }
  await applyEcsTask(deps, task)
  const fresh = await getRun(deps.table, run.id)
  return fresh?.claim ? await renew(deps, fresh, fresh.claim, EVIDENCE_SECONDS) : 'settled'
}

/** Why a live task must be stopped now, if it must. */
function stopReasonOf(run: FlowRun, claim: Claim, task: EcsTask, now: Instant): string | null {
  if (run.state.type === 'CANCELLING') return run.state.message ?? 'The flow run was cancelled.'
  if (run.state.type === 'RUNNING' && now >= deadlineOf(run.state.timestamp, run.timeoutSeconds)) {
    return `Stopped after its limit of ${run.timeoutSeconds} seconds.`
  }
  const started = isRunning(task) || task.startedAt !== null
  return !started && now >= claim.leaseUntil ? 'The task did not start in time.' : null
}

/** ECS shows stopped tasks for an hour, and new ones not at once: only after the hour does "missing" prove the end. */
async function inspectMissing(deps: Deps, run: FlowRun, claim: Claim): Promise<Inspection> {
  const [task] = await deps.tasks.listStartedBy(startedByOf(run.id, run.generation))
  if (task) {
    await applyEcsTask(deps, task)
    return 'settled'
  }
  const silentSeconds = secondsBetween(run.startTime ?? claim.at, deps.clock.now())
  if (silentSeconds < STOPPED_VISIBLE_SECONDS) return await renew(deps, run, claim, CANCEL_CHECK_SECONDS)
  if (run.state.type !== 'CANCELLING') return await crash(deps, run, 'ECS no longer knows the task of this run.')
  return await settleCancelled(deps, run)
}

async function settleCancelled(deps: Deps, run: FlowRun): Promise<Inspection> {
  return await settle(deps, run, advance(run, newState('CANCELLED', deps.clock.now(), { message: run.state.message })))
}

async function crash(deps: Deps, run: FlowRun, message: string): Promise<Inspection> {
  return await settle(deps, run, advance(run, newState('CRASHED', deps.clock.now(), { message })))
}

async function settle(deps: Deps, run: FlowRun, next: FlowRun): Promise<Inspection> {
  if (!(await saveRun(deps.table, run, next))) return 'gone'
  deps.log.warn('held run settled by inspection', { runId: run.id, to: next.state.name, reason: next.state.message })
  await applyConsequences(deps, run, next)
  return 'settled'
}

/** The claim counts on, for this long or until the run is out of time. */
async function renew(deps: Deps, run: FlowRun, claim: Claim, seconds: number): Promise<Inspection> {
  const now = deps.clock.now()
  const deadline = run.state.type === 'RUNNING' ? deadlineOf(run.state.timestamp, run.timeoutSeconds) : undefined
  const until = addSeconds(now, seconds)
  const leaseUntil = deadline !== undefined && deadline > now ? Math.min(until, deadline) : until
  // Lost to another writer, there is no need to insist: the other one knows more.
  await saveRun(deps.table, run, { ...run, claim: { ...claim, leaseUntil } })
  return 'renewed'
}
