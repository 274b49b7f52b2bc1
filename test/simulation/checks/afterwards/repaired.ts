import { CLIENT_CANCEL_SECONDS, INDEX_LAG_SECONDS_MAX, TICK_SECONDS } from '#shared/bounds.ts'
import { type EcsTask, isStopped, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds, type Instant, secondsBetween } from '#shared/instant.ts'
import type { SimulatedTask } from '../../../support/ecs/simulated-ecs.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { type Moment, waits } from '../judge.ts'
import { HAS_RUN_OUT, leftovers } from '../leftovers.ts'
import { momentOf } from '../starts.ts'
import { jam } from './jam.ts'
import { upheaval } from './upheaval.ts'

/** Sweeps after which what needs no evidence of ECS is repaired: silence lasts five minutes at most, and a deletion looks for the last time after six. */
const SOON = Array.from({ length: 9 }, () => TICK_SECONDS)
/** A lease runs out, and what was then out of time in less than another one, is. */
const LEASES = [10 * 60, 6 * 60]
/** A pause is looked at each 6 hours, ECS forgets after one, and a look is put off by half an hour at most. */
const HOURS = [2 * 3_600, 6 * 3_600, 31 * 60]
/** What was put back this lately may have come after the last look of a deletion. */
const BACK_SECONDS = SOON.length * TICK_SECONDS - INDEX_LAG_SECONDS_MAX
/** What fell due this long before the last sweep was due at it by any clock. */
const CLOCKS_DIFFER_SECONDS = 90
/** Looks at a hold that failed put it off by more and more. */
const MISSED_MAX = 2
const UPHEAVAL_SHARE = 0.7
const JAMMED_SHARE = 0.4
/** ECS forgets all that stopped where nothing sweeps for so long. */
const OUTAGE_SHARE = 0.25
const OUTAGE_SECONDS = 2 * 3_600

/**
 * Lets a world's sweeps go on by themselves, in a fork: nobody opens, resumes or cancels anything, and no task ends. Says
 * what they leave as it is. In some worlds nothing can be done about one run, which must not keep the others waiting.
 */
export async function repairProblems(fork: Fork, chance: Chance): Promise<string[]> {
  if (chance.hits(UPHEAVAL_SHARE)) await upheaval(fork, chance.of('upheaval'))
  const jammed = chance.hits(JAMMED_SHARE) ? chance.pick(heldRuns(momentOf(fork))) : undefined
  if (chance.hits(OUTAGE_SHARE)) fork.pass(OUTAGE_SECONDS)
  if (jammed) jam(fork, jammed)
  const others = (some: readonly FlowRun[]) => some.filter(({ id }) => id !== jammed?.id)
  await sweepAt(fork, SOON)
  const soon = momentOf(fork)
  const items = [...fork.table.items()]
  const left = [
    ...leftovers(items, addSeconds(soon.now, -CLOCKS_DIFFER_SECONDS)).filter((each) => each.endsWith(HAS_RUN_OUT)),
    ...named('waits where nothing is any more', others(strays(soon))),
    ...named('is paused beyond its time', others(overdue(soon, pausedUntil))),
    ...named('is cancelling, and its client is silent', others(overdue(soon, cancelledUntil))),
    ...named('is held by a worker that is silent', others(heldInSilence(soon))),
    ...named('goes on within a run that was cancelled', others(orphans(soon))),
  ]
  if (left.length > 0) return left
  await sweepAt(fork, LEASES)
  const leases = momentOf(fork)
  const going = others(heldRuns(leases).filter(({ claim }) => (claim?.missed ?? 0) <= MISSED_MAX))
  left.push(
    ...named(
      'is out of time, and its task runs on',
      going.filter((run) => isOutOfTime(run, leases) && runsOn(run, fork)),
    ),
    ...named(
      'was cancelled, and its task runs on',
      going.filter((run) => isCancelling(run) && runsOn(run, fork)),
    ),
    ...named(
      'is held, and its task has ended',
      going.filter((run) => hasEnded(run, fork.ecs.started)),
    ),
  )
  if (left.length > 0) return left
  await sweepAt(fork, HOURS)
  const held = others(heldRuns(momentOf(fork)).filter(isLaunched))
  return named(
    'is held, and no task of it is there',
    held.filter((run) => !tasksOf(run, fork.ecs.started).some(({ news }) => !isStopped(news))),
  )
}

async function sweepAt(fork: Fork, pauses: readonly number[]): Promise<void> {
  for (const seconds of pauses) {
    fork.pass(seconds)
    await fork.sweep()
    await fork.deliver()
  }
}

function named(words: string, runs: readonly FlowRun[]): string[] {
  return runs.map(({ id, state }) => `run ${id}, ${state.name}, ${words}, whatever time it has`)
}

/**
 * Runs that wait in a pool or queue that is gone, or for a deployment that is. One that was held until the deployment's
 * deletion had been looked after, and is put back, is cancelled when its turn comes.
 */
function strays({ picture, places, now }: Moment): FlowRun[] {
  return [...picture.runs.values()].filter((run) => {
    const { poolId, queueId, deploymentId } = run
    if (!waits(run)) return false
    const isBack = secondsBetween(run.state.timestamp, now) < BACK_SECONDS
    if (deploymentId !== null && !places.deployments.has(deploymentId) && !isBack) return true
    return poolId !== null && (!places.pools.has(poolId) || places.queues.get(queueId ?? '')?.poolId !== poolId)
  })
}

/** Runs of which something was to end by then, by any clock. */
function overdue({ picture, now }: Moment, until: (run: FlowRun) => Instant | undefined): FlowRun[] {
  const due = addSeconds(now, -CLOCKS_DIFFER_SECONDS)
  return [...picture.runs.values()].filter((run) => (until(run) ?? now) < due)
}

function pausedUntil({ state }: FlowRun): Instant | undefined {
  return state.type === 'PAUSED' ? state.details.pauseTimeout : undefined
}

function cancelledUntil(run: FlowRun): Instant | undefined {
  const isClients = run.state.type === 'CANCELLING' && !isLaunched(run)
  return isClients ? addSeconds(run.state.timestamp, CLIENT_CANCEL_SECONDS) : undefined
}

/** What workers hold in pools that end what silent ones do. */
function heldInSilence({ picture, places }: Moment): FlowRun[] {
  return [...picture.runs.values()].filter(
    ({ claim, poolId }) =>
      claim?.by.kind === 'client' && (places.pools.get(poolId ?? '')?.silentMinutes ?? null) !== null,
  )
}

/** Runs that a run had started when it was cancelled, and that go on; one that it starts later is its process's doing. */
function orphans({ picture }: Moment): FlowRun[] {
  const byId = new Map([...picture.runs.values()].map((run) => [run.id, run]))
  return [...byId.values()].filter(({ state, details, created }) => {
    const parent = byId.get(details.parentFlowRunId ?? '')
    // A parent that was created again has not started what an earlier life did.
    const its = parent && created > parent.created
    const late = parent && created > addSeconds(parent.state.timestamp, -CLOCKS_DIFFER_SECONDS)
    return parent?.state.type === 'CANCELLED' && its && !late && !isTerminal(state.type) && state.type !== 'CANCELLING'
  })
}

function heldRuns({ picture }: Moment): FlowRun[] {
  return [...picture.runs.values()].filter(({ claim }) => claim !== null)
}

const isLaunched = ({ claim }: FlowRun): boolean => claim?.by.kind === 'dispatcher'

const isCancelling = ({ state }: FlowRun): boolean => state.type === 'CANCELLING'

function isOutOfTime({ state, timeoutSeconds }: FlowRun, { now }: Moment): boolean {
  if (state.type !== 'RUNNING' || timeoutSeconds === null) return false
  return addSeconds(state.timestamp, timeoutSeconds + CLOCKS_DIFFER_SECONDS) < now
}

function tasksOf(run: FlowRun, tasks: readonly SimulatedTask[]): SimulatedTask[] {
  const startedBy = startedByOf(run)
  return tasks.filter(({ news }) => news.startedBy === startedBy)
}

/** Whether the task that a run has on record is alive, and nobody has asked it to stop. */
function runsOn(run: FlowRun, { ecs }: Fork): boolean {
  return tasksOf(run, ecs.started).some(
    ({ news, stopAskedAt }) => isRecorded(run, news) && !isStopped(news) && stopAskedAt === null,
  )
}

/** Whether ECS can say that a run's task has ended. A pause is looked at less often. */
function hasEnded(run: FlowRun, tasks: readonly SimulatedTask[]): boolean {
  return run.state.type !== 'PAUSED' && tasksOf(run, tasks).some(({ news }) => isRecorded(run, news) && isStopped(news))
}

function isRecorded({ launch }: FlowRun, { taskArn }: EcsTask): boolean {
  return launch?.taskArn === taskArn
}
