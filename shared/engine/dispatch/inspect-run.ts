import { CANCEL_CHECK_SECONDS, RELAUNCH_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { type EcsTask, isHandOut, parseStartedBy } from '#shared/ecs-task/ecs-task.ts'
import { judgeEcsTask } from '#shared/ecs-task/judge-ecs-task.ts'
import type { HoldVerdict } from '#shared/ecs-task/judge-hold.ts'
import { type LaunchContext, launchContexts } from '#shared/engine/job/launch-contexts.ts'
import { advance, deadlineOf } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isHeld } from '#shared/flow-run/held-run.ts'
import type { SilenceRule } from '#shared/flow-run/sign-of-life.ts'
import { addSeconds, type Instant, NEVER } from '#shared/instant.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { applyConsequences } from './apply-consequences.ts'
import { applyEcsTask } from './apply-ecs-task.ts'
import { backoffSeconds } from './each-caught.ts'
import { EcsEvidence } from './ecs-evidence.ts'
import { launchRun, recordEcsTask, requeueLost } from './launch-run.ts'
import { stopEcsTask } from './stop-ecs-task.ts'

export type Inspection = 'renewed' | 'relaunched' | 'settled' | 'stopping' | 'postponed' | 'gone'

/** What inspections of one pass share. */
export interface InspectionPass {
  ecs: EcsEvidence
  /** None begins after it. */
  deadline: Instant
  silence?: SilenceRule | undefined
  contextOf: (run: FlowRun) => Promise<LaunchContext>
}

/** Begins a pass over held runs of a pool. */
export function inspectionPass(
  deps: Deps,
  poolId: string | null,
  { deadline, silence }: { deadline: Instant; silence?: SilenceRule | undefined },
): InspectionPass {
  let contexts: ReturnType<typeof launchContexts> | undefined
  return {
    ecs: new EcsEvidence(deps, deadline),
    deadline,
    silence,
    contextOf: async (run) => {
      contexts ??= launchContexts(deps, poolId ? await getPool(deps.table, poolId) : undefined)
      return await contexts(run)
    },
  }
}

/** Applies the verdict on a held run. */
export async function applyVerdict(
  deps: Deps,
  run: FlowRun,
  verdict: HoldVerdict,
  pass: InspectionPass,
): Promise<Inspection> {
  switch (verdict.kind) {
    case 'gone':
      return 'gone'
    case 'fresh':
      return 'renewed'
    case 'renew':
      return await renew(deps, run, verdict.seconds)
    case 'apply':
      if (verdict.record) await recordEcsTask(deps, run, verdict.task.taskArn)
      return await applyTask(deps, run, verdict.task, verdict.renew)
    case 'stop':
      await stopEcsTask(deps, run.id, { taskArn: verdict.taskArn, reason: verdict.reason })
      await (verdict.unseen ? postpone(deps, run) : renew(deps, run, CANCEL_CHECK_SECONDS))
      return 'stopping'
    case 'end':
      return await end(deps, run, verdict)
    case 'postpone':
      return await postpone(deps, run)
    case 'relaunch':
      return await relaunch(deps, run, pass)
    case 'requeue':
      await requeueLost(deps, run, verdict.reason)
      return 'settled'
  }
}

/** Most tasks are as they were known to be: then only the lease is written. */
async function applyTask(deps: Deps, run: FlowRun, task: EcsTask, seconds: number | null): Promise<Inspection> {
  const startedFor = parseStartedBy(task.startedBy)
  const known = startedFor && judgeEcsTask(run, startedFor, task, deps.clock.now()).kind === 'ignore'
  if (!known) await applyEcsTask(deps, task)
  if (seconds === null) return 'settled'
  const fresh = known ? run : await getRun(deps.table, run.id)
  return fresh && isHandOut(fresh, run) ? await renew(deps, fresh, seconds) : 'settled'
}

/** Repeats a launch under its token, and applies the task's state at once, as it may have ended long ago. */
async function relaunch(deps: Deps, run: FlowRun, pass: InspectionPass): Promise<Inspection> {
  if (pass.ecs.isDown) return await postpone(deps, run)
  deps.log.warn('repeating a lost launch', { runId: run.id, generation: run.generation })
  deps.metrics.count('LaunchesRepeated', 1)
  const result = await launchRun(deps, run, await pass.contextOf(run))
  pass.ecs.note(result !== 'unanswered')
  if (result === 'left') await renew(deps, run, RELAUNCH_SECONDS)
  const taskArn = result === 'launched' ? (await getRun(deps.table, run.id))?.launch?.taskArn : undefined
  for (const task of taskArn ? await deps.tasks.describe([taskArn]) : []) await applyEcsTask(deps, task)
  return 'relaunched'
}

async function end(
  deps: Deps,
  run: FlowRun,
  { state, taskArn }: Extract<HoldVerdict, { kind: 'end' }>,
): Promise<Inspection> {
  const next = advance(run, state)
  if (!(await saveRun(deps.table, run, next))) return 'gone'
  deps.log.warn('held run settled by inspection', { runId: run.id, to: next.state.name, reason: next.state.message })
  if (taskArn) await stopEcsTask(deps, run.id, { taskArn, reason: state.message ?? state.name })
  await applyConsequences(deps, run, next)
  return 'settled'
}

/** The claim counts on, for this long or until the run is out of time. */
async function renew(deps: Deps, run: FlowRun, seconds: number): Promise<Inspection> {
  return await saveLease(deps, run, seconds, undefined)
}

/**
 * Nothing was learned of the run. Its lease moves on all the same, or it would stand in front of the others each time;
 * how often it has is kept in that same write, so that every process waits as long.
 */
async function postpone(deps: Deps, run: FlowRun): Promise<Inspection> {
  const missed = (run.claim?.missed ?? 0) + 1
  await saveLease(deps, run, backoffSeconds(missed), missed)
  return 'postponed'
}

async function saveLease(deps: Deps, run: FlowRun, seconds: number, missed: number | undefined): Promise<Inspection> {
  if (!isHeld(run)) return 'settled'
  const now = deps.clock.now()
  const bounds = [deadlineOfState(run)].filter((instant) => instant > now)
  const leaseUntil = Math.min(addSeconds(now, seconds), ...bounds)
  // If another writer came first, it knows more, so this is not retried.
  await saveRun(deps.table, run, { ...run, claim: { ...run.claim, leaseUntil, missed } })
  return 'renewed'
}

/** When the state itself is out of time. */
function deadlineOfState({ state, timeoutSeconds }: FlowRun): Instant {
  if (state.type === 'PAUSED') return state.details.pauseTimeout ?? NEVER
  return state.type === 'RUNNING' ? deadlineOf(state.timestamp, timeoutSeconds) : NEVER
}
