import { CANCEL_CHECK_SECONDS, EVIDENCE_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { startedByOf } from '#shared/ecs-task/ecs-task.ts'
import { type HoldEvidence, judgeHold } from '#shared/ecs-task/judge-hold.ts'
import { launchContexts } from '#shared/engine/job/launch-contexts.ts'
import { advance, deadlineOf } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { type HeldRun, isDispatched, isHeld } from '#shared/flow-run/held-run.ts'
import type { State } from '#shared/flow-run/state.ts'
import { addSeconds } from '#shared/instant.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { applyConsequences } from './apply-consequences.ts'
import { applyEcsTask } from './apply-ecs-task.ts'
import { launchRun, recordEcsTask, requeueRun } from './launch-run.ts'
import { stopEcsTask } from './stop-ecs-task.ts'

export type Inspection = 'renewed' | 'relaunched' | 'settled' | 'stopping' | 'gone'

/**
 * Inspects a held run whose lease has expired: queries ECS, judges, and applies the verdict. May be repeated and run
 * concurrently.
 */
export async function inspectRun(deps: Deps, runId: string): Promise<Inspection> {
  const run = await getRun(deps.table, runId)
  if (!run) return 'gone'
  const evidence = isDispatched(run) ? await getEvidence(deps, run) : {}
  const verdict = judgeHold(run, evidence, deps.clock.now())
  switch (verdict.kind) {
    case 'gone':
      return 'gone'
    case 'fresh':
      return 'renewed'
    case 'renew':
      return await renew(deps, run, verdict.seconds)
    case 'apply':
      if (verdict.record) await recordEcsTask(deps, run, verdict.task.taskArn)
      await applyEcsTask(deps, verdict.task)
      return verdict.renew ? await renew(deps, await getRun(deps.table, runId), EVIDENCE_SECONDS) : 'settled'
    case 'stop':
      await stopEcsTask(deps, runId, { taskArn: verdict.task.taskArn, reason: verdict.reason })
      await renew(deps, run, CANCEL_CHECK_SECONDS)
      return 'stopping'
    case 'end':
      return await end(deps, run, verdict.state)
    case 'relaunch':
      return await relaunch(deps, run)
    case 'requeue':
      await requeueRun(deps, run, verdict.reason)
      return 'settled'
  }
}

async function getEvidence(deps: Deps, run: HeldRun): Promise<HoldEvidence> {
  const taskArn = run.launch?.taskArn
  const [described] = taskArn ? await deps.tasks.describe([taskArn]) : []
  return described ? { described } : { started: await deps.tasks.listStartedBy(startedByOf(run)) }
}

/** Repeats a launch under its token, and applies the task's state at once, as it may have ended long ago. */
async function relaunch(deps: Deps, run: FlowRun): Promise<Inspection> {
  const pool = run.poolId ? await getPool(deps.table, run.poolId) : undefined
  deps.log.warn('repeating a lost launch', { runId: run.id, generation: run.generation })
  deps.metrics.count('LaunchesRepeated', 1)
  await launchRun(deps, run, await launchContexts(deps, pool)(run))
  const taskArn = (await getRun(deps.table, run.id))?.launch?.taskArn
  for (const task of taskArn ? await deps.tasks.describe([taskArn]) : []) await applyEcsTask(deps, task)
  return 'relaunched'
}

async function end(deps: Deps, run: FlowRun, state: State): Promise<Inspection> {
  const next = advance(run, state)
  if (!(await saveRun(deps.table, run, next))) return 'gone'
  deps.log.warn('held run settled by inspection', { runId: run.id, to: next.state.name, reason: next.state.message })
  await applyConsequences(deps, run, next)
  return 'settled'
}

/** The claim counts on, for this long or until the run is out of time. */
async function renew(deps: Deps, run: FlowRun | undefined, seconds: number): Promise<Inspection> {
  if (!run || !isHeld(run)) return 'settled'
  const now = deps.clock.now()
  const deadline = run.state.type === 'RUNNING' ? deadlineOf(run.state.timestamp, run.timeoutSeconds) : undefined
  const until = addSeconds(now, seconds)
  const leaseUntil = deadline !== undefined && deadline > now ? Math.min(until, deadline) : until
  // If another writer came first, it knows more, so this is not retried.
  await saveRun(deps.table, run, { ...run, claim: { ...run.claim, leaseUntil } })
  return 'renewed'
}
