import { CLIENT_CANCEL_SECONDS, TICK_SECONDS } from '#shared/bounds.ts'
import { type EcsTask, isStopped, startedByOf } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import type { SimulatedTask } from '../../../support/ecs/simulated-ecs.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { type Moment, waits } from '../judge.ts'
import { HAS_RUN_OUT, leftovers } from '../leftovers.ts'
import { momentOf } from '../starts.ts'
import { jam } from './jam.ts'
import { upheaval } from './upheaval.ts'

/** Sweeps after which what needs no evidence of ECS is repaired: silence lasts five minutes at most, a deletion's grace less. */
const SOON = { hidden: minutes(3), seen: minutes(6) }
/** A lease runs out, and what was then out of time in less than another one, is. */
const LEASES = [10 * 60, 6 * 60]
/** A launch that ECS does not answer is noted by one sweep and put off by the next. */
const UNSEEN = minutes(3)
const UNSEEN_SECONDS = 2.5 * TICK_SECONDS
/** A pause is looked at each 6 hours, ECS forgets after one, and a look is put off by half an hour at most. */
const HOURS = [2 * 3_600, 6 * 3_600, 31 * 60]
/** What fell due this long before the last sweep was due at it by any clock. */
const CLOCKS_DIFFER_SECONDS = 90
/** Looks at a hold that failed put it off by more and more. */
const MISSED_MAX = 2
const UPHEAVAL_SHARE = 0.7
const JAMMED_SHARE = 0.5
/** ECS forgets all that stopped where nothing sweeps for so long. */
const OUTAGE_SHARE = 0.25
const OUTAGE_SECONDS = 2 * 3_600

/**
 * Lets a world's sweeps go on by themselves, in a fork: nobody opens, resumes or cancels anything, and no task ends. Says
 * what they leave as it is. In some worlds nothing can be done about one run, which must not keep the others waiting.
 */
export async function repairProblems(fork: Fork, chance: Chance, lags = false): Promise<string[]> {
  if (chance.hits(UPHEAVAL_SHARE)) await upheaval(fork, chance.of('upheaval'))
  const jammed = chance.hits(JAMMED_SHARE) ? oneOf(heldRuns(momentOf(fork)), chance) : undefined
  const outage = chance.hits(OUTAGE_SHARE)
  if (outage) {
    // No index lags for so long.
    fork.table.catchUp()
    fork.pass(OUTAGE_SECONDS)
  }
  const unwritable = chance.hits(0.5)
  if (jammed) jam(fork, jammed, unwritable)
  const others = (some: readonly FlowRun[]) => some.filter(({ id }) => id !== jammed?.id)
  await sweepAt(fork, SOON.hidden)
  fork.table.catchUp()
  await sweepAt(fork, SOON.seen)
  const soon = momentOf(fork)
  const items = [...fork.table.items()]
  const left = [
    ...leftovers(items, addSeconds(soon.now, -CLOCKS_DIFFER_SECONDS)).filter((each) => each.endsWith(HAS_RUN_OUT)),
    ...named('waits for a deployment that is gone', lags ? [] : others(forsaken(soon))),
    ...named('is paused beyond its time', others(overdue(soon, pausedUntil))),
    ...named('is cancelling, and its client is silent', others(overdue(soon, cancelledUntil))),
    ...named('is held by a worker that is silent', others(heldInSilence(soon))),
    // A sweep that begins again looks at the last minutes alone.
    ...(outage ? [] : named('goes on within a run that was cancelled', others(orphans(soon)))),
  ]
  if (left.length > 0) return left
  await sweepAt(fork, LEASES)
  const leases = momentOf(fork)
  const going = others(heldRuns(leases).filter(({ claim }) => (claim?.missed ?? 0) <= MISSED_MAX))
  left.push(
    ...named('waits where nothing is any more', others(strays(leases))),
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
  await sweepAt(fork, UNSEEN)
  const watched = heldRuns(momentOf(fork)).filter(({ id }) => !unwritable || id !== jammed?.id)
  left.push(
    ...named(
      'is due to be looked at, and stays so',
      watched.filter((run) => isOverdue(run, fork.clock.at)),
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

/** A held run, with others of its pool beside it where there are some. */
function oneOf(held: readonly FlowRun[], chance: Chance): FlowRun | undefined {
  const pools = Map.groupBy(held.filter(isLaunched), ({ poolId }) => poolId)
  const crowded = [...pools.values()].filter((some) => some.length > 1).flat()
  return chance.pick(crowded) ?? chance.pick(held)
}

function minutes(count: number): number[] {
  return Array.from({ length: count }, () => TICK_SECONDS)
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
 * Runs that wait for a deployment that is gone. A deletion looks for them twice within a minute: what an index hides for
 * longer, or is sent back to wait later, is cancelled when its turn comes.
 */
function forsaken({ picture, places }: Moment): FlowRun[] {
  return [...picture.runs.values()].filter(
    (run) => waits(run) && run.deploymentId !== null && !places.deployments.has(run.deploymentId),
  )
}

/** Runs that wait in a pool or queue that is gone. */
function strays({ picture, places }: Moment): FlowRun[] {
  return [...picture.runs.values()].filter((run) => {
    const { poolId, queueId } = run
    if (!waits(run) || poolId === null) return false
    return !places.pools.has(poolId) || places.queues.get(queueId ?? '')?.poolId !== poolId
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

function isOverdue({ claim }: FlowRun, now: Instant): boolean {
  return claim !== null && addSeconds(claim.leaseUntil, UNSEEN_SECONDS) < now
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
