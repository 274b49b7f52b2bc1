import { setTimeout as sleep } from 'node:timers/promises'
import { LAUNCH_WINDOW_SECONDS, RELAUNCH_SECONDS } from '#shared/bounds.ts'
import type { Deps, RunTaskOutcome } from '#shared/deps.ts'
import { isHandOut, type LaunchRequest } from '#shared/ecs-task/ecs-task.ts'
import { classifyRefusal, type LaunchFailure, refusalBackoffSeconds } from '#shared/ecs-task/launch-failure.ts'
import { filledJobOf, launchRequest } from '#shared/ecs-task/launch-request.ts'
import { launchedRun } from '#shared/ecs-task/launched-run.ts'
import { unansweredBy } from '#shared/ecs-task/unanswered-by.ts'
import { getReferences } from '#shared/engine/job/get-references.ts'
import type { LaunchContext } from '#shared/engine/job/launch-contexts.ts'
import { settleJobKind } from '#shared/engine/job/settle-job-kind.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isHeld } from '#shared/flow-run/held-run.ts'
import { ORPHANED } from '#shared/flow-run/messages.ts'
import { newState, type State } from '#shared/flow-run/state.ts'
import { addSeconds, secondsBetween } from '#shared/instant.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { TemplateError } from '#shared/template/nested.ts'
import type { Found } from '#shared/template/references.ts'
import { applyConsequences } from './apply-consequences.ts'
import { stopEcsTask } from './stop-ecs-task.ts'

/**
 * `left`: ECS throttles, or the launch can't be repeated. `unanswered`: it is unknown whether a task started. In all of
 * these the claim stays, and the sweep finds out.
 */
export type LaunchResult = 'launched' | 'requeued' | 'ended' | 'left' | 'unanswered' | 'superseded'

const THROTTLE_TRIES_MAX = 5
const THROTTLE_WAIT_MS = 400

/**
 * Starts the task of a run that has been claimed, and records it. May be repeated at any point: the same generation and
 * attempt have the same token, under which ECS starts one task.
 */
export async function launchRun(deps: Deps, claimed: FlowRun, context: LaunchContext): Promise<LaunchResult> {
  const run = claimed.job === null ? await settleJobKind(deps, claimed, context) : claimed
  if (!run) return 'left'
  const { apiUrl } = deps.settings
  const decision = launchRequest({ run, ...context, apiUrl, found: await referencesOfJob(deps, run, context) })
  if (decision.kind === 'impossible') {
    // A task of an earlier try may run that ECS does not list yet, and its token can't be used without the request.
    return mayLaunch(deps, run) ? await end(deps, run, decision.end, decision.reason) : 'left'
  }
  const outcome = await startTask(deps, run, decision.request)
  if (outcome === 'unknown') return await noteUnanswered(deps, run)
  if (outcome.kind === 'throttled') return 'left'
  if (outcome.kind === 'started') return await recordEcsTask(deps, run, outcome.taskArn)
  const failure = classifyRefusal(outcome.reasons, run.launchRefusals)
  deps.metrics.count('LaunchesRefused', 1)
  if (failure.kind === 'permanent') return await end(deps, run, 'CRASHED', failure.message)
  return await requeueRefused(deps, run, failure)
}

/**
 * Counts a launch whose outcome is unknown. The count is what tells a launch that ECS never answers from one that nobody
 * made. The first one is found like any lost launch; those after it are repeated in a steady rhythm.
 */
async function noteUnanswered(deps: Deps, run: FlowRun): Promise<LaunchResult> {
  if (!isHeld(run)) return 'superseded'
  const again = run.unanswered?.last === run.generation
  const leaseUntil = again ? addSeconds(deps.clock.now(), RELAUNCH_SECONDS) : run.claim.leaseUntil
  await saveRun(deps.table, run, { ...run, unanswered: unansweredBy(run), claim: { ...run.claim, leaseUntil } })
  return 'unanswered'
}

/** Reads the references of a run's job, or returns why they can't be read. */
async function referencesOfJob(deps: Deps, run: FlowRun, context: LaunchContext): Promise<Found | TemplateError> {
  try {
    return await getReferences(deps, filledJobOf({ run, ...context }))
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
}

/**
 * Calls RunTask, again with the same token while ECS throttles; but not from an old claim, which the sweep may judge at
 * any moment: a launch must be over before it counts as lost.
 */
async function startTask(deps: Deps, run: FlowRun, request: LaunchRequest): Promise<RunTaskOutcome | 'unknown'> {
  try {
    for (let tried = 1; ; tried += 1) {
      const outcome = await deps.tasks.run(request)
      if (outcome.kind !== 'throttled' || tried === THROTTLE_TRIES_MAX || !mayLaunch(deps, run)) return outcome
      deps.metrics.count('LaunchesThrottled', 1)
      await sleep(deps.ids.random() * THROTTLE_WAIT_MS * tried)
    }
  } catch (error) {
    deps.log.warn('launch response lost', { runId: request.runId, startedBy: request.startedBy, reason: String(error) })
    deps.metrics.count('LaunchesUnknown', 1)
    return 'unknown'
  }
}

/** Sends a claimed run back to wait, after a reply that proves that nothing was started for it. */
async function requeueRefused(
  deps: Deps,
  run: FlowRun,
  { message, refusals: launchRefusals }: Extract<LaunchFailure, { kind: 'transient' }>,
): Promise<LaunchResult> {
  const refused = { ...run, launchRefusals, unanswered: undefined }
  return await requeue(deps, run, refused, message, refusalBackoffSeconds(launchRefusals))
}

/** Sends a claimed run back to wait for which nothing was started, although ECS refused nothing. */
export async function requeueLost(deps: Deps, run: FlowRun, reason: string): Promise<LaunchResult> {
  return await requeue(deps, run, run, reason, refusalBackoffSeconds(run.unanswered?.generations ?? 1))
}

async function requeue(
  deps: Deps,
  before: FlowRun,
  changed: FlowRun,
  reason: string,
  waitSeconds: number,
): Promise<LaunchResult> {
  const now = deps.clock.now()
  const details = { scheduledTime: addSeconds(now, waitSeconds) }
  const message = `${reason}. Retrying in ${waitSeconds} s.`
  const state = newState('SCHEDULED', now, { name: 'AwaitingCapacity', message, details })
  return await store(deps, changed, state, before, 'requeued')
}

async function end(deps: Deps, run: FlowRun, type: 'CRASHED' | 'CANCELLED', message: string): Promise<LaunchResult> {
  return await store(deps, run, newState(type, deps.clock.now(), { message }), run, 'ended')
}

/** Ends the hold of a run for which nothing runs; a run that was cancelled since becomes Cancelled. */
async function store(
  deps: Deps,
  changed: FlowRun,
  state: State,
  before: FlowRun,
  result: LaunchResult,
): Promise<LaunchResult> {
  const next = advance(changed, state)
  if (await saveRun(deps.table, before, next)) {
    // A failed launch often points to a missing permission or setting, which the operator must fix.
    const level = state.type === 'CRASHED' ? 'warn' : 'info'
    deps.log[level]('flow run not launched', { runId: before.id, to: state.name, reason: state.message })
    await applyConsequences(deps, before, next)
    return result
  }
  const fresh = await getRun(deps.table, before.id)
  if (!fresh || !isHandOut(fresh, before) || fresh.state.type !== 'CANCELLING') return 'superseded'
  const cancelled = newState('CANCELLED', deps.clock.now(), { message: fresh.state.message })
  return await store(deps, fresh, cancelled, fresh, 'ended')
}

/** Ends a run that was cancelled between its claim and its launch, or is not wanted any more. */
export async function cancelUnlaunched(deps: Deps, run: FlowRun, reason = run.state.message): Promise<LaunchResult> {
  return await end(deps, run, 'CANCELLED', reason ?? 'Cancelled before its task was started.')
}

const RECORD_ROUNDS_MAX = 5

/** Records the run's task. A task that its run no longer needs is stopped instead. */
export async function recordEcsTask(deps: Deps, claimed: FlowRun, taskArn: string): Promise<LaunchResult> {
  let run: FlowRun | undefined = claimed
  for (let round = 0; round < RECORD_ROUNDS_MAX; round += 1) {
    if (!run || !isHeld(run) || !isHandOut(run, claimed)) break
    // An event of the task may have arrived first.
    if (run.launch?.taskArn === taskArn) return 'launched'
    const now = deps.clock.now()
    const launch = { attempt: run.launch?.attempt ?? 1, taskArn, taskVersion: 0, launchedAt: now }
    const next = launchedRun(run, launch, now)
    if (await saveRun(deps.table, run, next)) {
      deps.log.info('flow run launched', { runId: run.id, generation: run.generation, taskArn })
      deps.metrics.count('RunsLaunched', 1)
      if (next.state.type === 'CANCELLING') await applyConsequences(deps, next, next)
      return 'launched'
    }
    run = await getRun(deps.table, claimed.id)
  }
  await stopEcsTask(deps, claimed.id, { taskArn, reason: ORPHANED })
  return 'superseded'
}

/** True while a claim is young enough to launch from; an older one is left to the sweep, which looks before it acts. */
export function mayLaunch(deps: Deps, run: FlowRun): boolean {
  if (run.state.type !== 'PENDING' || !isHeld(run) || run.launch?.taskArn) return false
  return secondsBetween(run.claim.at, deps.clock.now()) <= LAUNCH_WINDOW_SECONDS
}
