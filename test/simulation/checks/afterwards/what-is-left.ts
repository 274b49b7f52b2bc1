import { CLIENT_CANCEL_SECONDS, LAUNCH_GRACE_SECONDS, TICK_SECONDS } from '#shared/bounds.ts'
import { type EcsTask, isStopped, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds, type Instant, secondsBetween } from '#shared/instant.ts'
import type { SimulatedTask } from '../../../support/ecs/simulated-ecs.ts'
import type { Fork } from '../fork.ts'
import { type Moment, waits } from '../judge.ts'

/** What fell due this long before the last sweep was due at it by any clock. */
export const CLOCKS_DIFFER_SECONDS = 90
/** What was put back this lately may have come after the last look of a deletion. */
const BACK_SECONDS = 240
/** A launch that ECS does not answer is noted by one sweep and put off by the next. */
const UNSEEN_SECONDS = 2.5 * TICK_SECONDS

/**
 * Runs that wait for a deployment that is gone. One that was held until the deployment's deletion had been looked after,
 * and is put back, is cancelled when its turn comes.
 */
export function forsaken({ picture, places, now }: Moment): FlowRun[] {
  return [...picture.runs.values()].filter(
    (run) =>
      waits(run) &&
      run.deploymentId !== null &&
      !places.deployments.has(run.deploymentId) &&
      secondsBetween(run.state.timestamp, now) > BACK_SECONDS,
  )
}

/** Runs that wait in a pool or queue that is gone. */
export function strays({ picture, places }: Moment): FlowRun[] {
  return [...picture.runs.values()].filter((run) => {
    const { poolId, queueId } = run
    if (!waits(run) || poolId === null) return false
    return !places.pools.has(poolId) || places.queues.get(queueId ?? '')?.poolId !== poolId
  })
}

/** Runs of which something was to end by then, by any clock. */
export function overdue({ picture, now }: Moment, until: (run: FlowRun) => Instant | undefined): FlowRun[] {
  const due = addSeconds(now, -CLOCKS_DIFFER_SECONDS)
  return [...picture.runs.values()].filter((run) => (until(run) ?? now) < due)
}

export function pausedUntil({ state }: FlowRun): Instant | undefined {
  return state.type === 'PAUSED' ? state.details.pauseTimeout : undefined
}

export function cancelledUntil(run: FlowRun): Instant | undefined {
  const isClients = run.state.type === 'CANCELLING' && !isLaunched(run)
  return isClients ? addSeconds(run.state.timestamp, CLIENT_CANCEL_SECONDS) : undefined
}

/**
 * Runs whose launch was lost since, or just before, which ticks look for: ECS answers whatever is asked. Without its
 * deployment a launch can't be repeated: then the run is held until it is sure that no task started.
 */
export function unlaunched({ picture, places }: Moment, from: Instant): FlowRun[] {
  const recent = addSeconds(from, -LAUNCH_GRACE_SECONDS)
  const isLost = (run: FlowRun) => isLaunched(run) && run.state.type === 'PENDING' && !run.launch?.taskArn
  return [...picture.runs.values()].filter(
    (run) => isLost(run) && (run.claim?.at ?? 0) >= recent && places.deployments.has(run.deploymentId ?? ''),
  )
}

/** What workers hold in pools that end what silent ones do. */
export function heldInSilence({ picture, places }: Moment): FlowRun[] {
  return [...picture.runs.values()].filter(
    ({ claim, poolId }) =>
      claim?.by.kind === 'client' && (places.pools.get(poolId ?? '')?.silentMinutes ?? null) !== null,
  )
}

/** What agents hold, none of which calls any more, and whose leases last a minute at most. */
export function heldByAgents({ picture }: Moment): FlowRun[] {
  return heldRuns({ picture }).filter(({ claim }) => claim?.by.kind === 'agent')
}

/** Runs that a run had started when it was cancelled, and that go on; one that it starts later is its process's doing. */
export function orphans({ picture }: Moment): FlowRun[] {
  const byId = new Map([...picture.runs.values()].map((run) => [run.id, run]))
  return [...byId.values()].filter(({ state, details, created }) => {
    const parent = byId.get(details.parentFlowRunId ?? '')
    // A parent that was created again has not started what an earlier life did.
    const its = parent && created > parent.created
    const late = parent && created > addSeconds(parent.state.timestamp, -CLOCKS_DIFFER_SECONDS)
    return parent?.state.type === 'CANCELLED' && its && !late && !isTerminal(state.type) && state.type !== 'CANCELLING'
  })
}

export function heldRuns({ picture }: Pick<Moment, 'picture'>): FlowRun[] {
  return [...picture.runs.values()].filter(({ claim }) => claim !== null)
}

export function isOverdue({ claim }: FlowRun, now: Instant): boolean {
  return claim !== null && addSeconds(claim.leaseUntil, UNSEEN_SECONDS) < now
}

export const isLaunched = ({ claim }: FlowRun): boolean => claim?.by.kind === 'dispatcher'

export const isCancelling = ({ state }: FlowRun): boolean => state.type === 'CANCELLING'

export function isOutOfTime({ state, timeoutSeconds }: FlowRun, { now }: Moment): boolean {
  if (state.type !== 'RUNNING' || timeoutSeconds === null) return false
  return addSeconds(state.timestamp, timeoutSeconds + CLOCKS_DIFFER_SECONDS) < now
}

export function tasksOf(run: FlowRun, tasks: readonly SimulatedTask[]): SimulatedTask[] {
  const startedBy = startedByOf(run)
  return tasks.filter(({ news }) => news.startedBy === startedBy)
}

/** Whether the task that a run has on record is alive, and nobody has asked it to stop. */
export function runsOn(run: FlowRun, { ecs }: Fork): boolean {
  return tasksOf(run, ecs.started).some(
    ({ news, stopAskedAt }) => isRecorded(run, news) && !isStopped(news) && stopAskedAt === null,
  )
}

/** Whether ECS can say that a run's task has ended. A pause is looked at less often. */
export function hasEnded(run: FlowRun, tasks: readonly SimulatedTask[]): boolean {
  return run.state.type !== 'PAUSED' && tasksOf(run, tasks).some(({ news }) => isRecorded(run, news) && isStopped(news))
}

function isRecorded({ launch }: FlowRun, { taskArn }: EcsTask): boolean {
  return launch?.taskArn === taskArn
}
