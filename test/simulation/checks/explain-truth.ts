import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Chance } from '../machine/chance.ts'
import { clear, type Explained, explain, figureProblems, isDoomed, keyOf, type Obstacle, wordsOf } from './explained.ts'
import type { Fork } from './fork.ts'
import { dueOf, type Moment, waits } from './judge.ts'
import { lifeOf } from './picture.ts'
import { hasReleased, hasStarted, momentOf, startByWorker } from './starts.ts'

/**
 * Seconds between the sweeps within which a run has ended of which explain says that it will be cancelled. A deletion that
 * failed is put off by ten minutes (DELETION_BACKOFF_SECONDS).
 */
const ENDING_SWEEPS = [60, 60, 11 * 60]
/** How often it is tried what becomes of a run if one obstacle is left. */
const LEFT_SHARE = 0.5

/** What one explanation is held against. */
export interface Trial {
  run: FlowRun
  said: Explained
  /** The fork that said so, and what is stored there. */
  fork: Fork
  moment: Moment
}

/** Has a fork explain runs, each alone and all at once: both must say the same, in figures that are right. */
export async function explainAll(fork: Fork, runs: readonly FlowRun[], moment: Moment) {
  const trials: Trial[] = []
  for (const run of runs) trials.push({ run, said: await explain(fork, run.id), fork, moment })
  if (runs.length === 0) return { trials, problems: [] }
  const { body } = await fork.call('explainFlowRuns', { flow_run_ids: runs.map(({ id }) => id) })
  const together = new Map((body as Explained[]).map((each) => [each.flow_run_id, each]))
  const problems = trials.flatMap(({ run, said }) => {
    const other = together.get(run.id)
    const same = other && essence(other) === essence(said)
    return [
      ...(same ? [] : [`explain of ${run.id} is ${wordsOf(said)} alone, and among others ${other && wordsOf(other)}`]),
      ...figureProblems(run, said, moment),
    ]
  })
  return { trials, problems }
}

const essence = ({ reason, obstacles }: Explained): string => JSON.stringify({ reason, obstacles })

/** What an explanation says is the case, against a look for work with everything as it is. */
export async function asItIs(trial: Trial, looked: { fork: Fork; moment: Moment }): Promise<string[]> {
  const { run, said, moment } = trial
  if (isDoomed(said)) return []
  const push = isPush(trial)
  const started = push
    ? hasStarted(run, looked.moment.picture)
    : await startsAtWorker(trial.fork, run, moment, said.obstacles.length === 0)
  if (said.obstacles.length === 0)
    return started || (push && rivalStarted(run, moment, looked.moment))
      ? []
      : [`run ${run.id} is next, and the next look leaves it`]
  // A hold that ended in the look itself made room.
  if (!started || (push && hasReleased(moment.picture, looked.moment.picture))) return []
  if (push && rivalStarted(run, moment, looked.moment)) return []
  return [`run ${run.id} starts in spite of: ${wordsOf(said)}`]
}

/** With everything out of the way a run starts at the next look, and with any of it left it does not. */
export async function clearedAway(trial: Trial, chance: Chance): Promise<string[]> {
  const { run, said } = trial
  if (isDoomed(said)) return await endsSoon(trial)
  if (said.obstacles.length === 0) return []
  const all = await lookWithout(trial, said.obstacles)
  const problems =
    all === 'left' ? [`run ${run.id} does not start without all that explain names: ${wordsOf(said)}`] : []
  if (said.obstacles.length < 2 || !chance.hits(LEFT_SHARE)) return problems
  const left = chance.pick(said.obstacles)
  // Without a cap, a limit that is still counting is open.
  const stays = (each: Obstacle) => each === left || (left?.reason === 'counting' && keyOf(each) === keyOf(left))
  const rest = said.obstacles.filter((each) => !stays(each))
  if (left && (await lookWithout(trial, rest)) === 'started')
    problems.push(
      `run ${run.id} starts although ${wordsOf({ ...said, obstacles: [left] })} is left of: ${wordsOf(said)}`,
    )
  return problems
}

/** What comes of a run at the next look, once these are out of its way; undecided where something else got in between. */
async function lookWithout(trial: Trial, obstacles: readonly Obstacle[]): Promise<'started' | 'left' | 'undecided'> {
  const { run, moment } = trial
  const fork = trial.fork.fork()
  if (!(await clear(fork, run, obstacles, moment))) return 'undecided'
  const cleared = momentOf(fork)
  if (hasStarted(run, cleared.picture)) return 'started'
  // A limit that opened full has had those cancelled that its deployment wants no more.
  const left = cleared.picture.runs.get(lifeOf(run))
  if (!left || !waits(left)) return 'undecided'
  // It has fallen due while a limit counted.
  if (dueOf(run) > moment.now && dueOf(run) <= cleared.now && !obstacles.some(({ reason }) => reason === 'not_due'))
    return 'undecided'
  if (isPush(trial)) await fork.tick()
  const after = momentOf(fork)
  const complete = obstacles.length === trial.said.obstacles.length
  const started = isPush(trial) ? hasStarted(run, after.picture) : await startsAtWorker(fork, run, moment, complete)
  if (complete ? started : !started) return complete ? 'started' : 'left'
  const disturbed =
    (complete
      ? othersFellDue(trial, cleared) || othersOpened(trial, cleared)
      : hasReleased(moment.picture, after.picture)) || rivalStarted(run, moment, after)
  return disturbed || countChanged(trial, after) ? 'undecided' : started ? 'started' : 'left'
}

/**
 * Whether a worker's next poll starts a run. Where that is not as expected, a hint of room may have been lost, which the
 * sweep makes up for.
 */
async function startsAtWorker(origin: Fork, run: FlowRun, moment: Moment, expected: boolean): Promise<boolean> {
  const started = await startByWorker(origin.fork(), run, moment)
  if (started === expected) return started
  const swept = origin.fork()
  await swept.sweep()
  return await startByWorker(swept, run, moment)
}

/** Whether a deployment that has runs in a run's pool had one started in another: which pool comes first is open. */
function rivalStarted({ poolId }: FlowRun, before: Moment, { picture }: Moment): boolean {
  const runs = [...before.picture.runs.values()]
  const here = new Set(runs.filter((other) => other.poolId === poolId && waits(other)).map(deploymentOf))
  here.delete(null)
  return runs.some((other) => other.poolId !== poolId && here.has(deploymentOf(other)) && hasStarted(other, picture))
}

const deploymentOf = ({ deploymentId }: FlowRun): string | null => deploymentId

/** Whether other runs of the pool have fallen due that may go first. */
function othersFellDue({ run, moment }: Trial, { picture, now }: Moment): boolean {
  return [...picture.runs.values()].some(
    (other) => other.id !== run.id && other.poolId === run.poolId && dueOf(other) > moment.now && dueOf(other) <= now,
  )
}

/** Whether limits of other deployments have opened meanwhile, whose runs may go first. */
function othersOpened({ run, moment }: Trial, { picture }: Moment): boolean {
  return [...moment.picture.limits.values()].some(
    ({ key, counting }) =>
      counting && key !== `deployment#${run.deploymentId}` && picture.limits.get(key)?.counting === false,
  )
}

/** Whether a limit that was still counting found more holders. */
function countChanged({ said, moment }: Trial, { picture }: Moment): boolean {
  return said.obstacles.some(({ reason, limit }) => {
    const key = `${limit?.kind}#${limit?.id}` as const
    if (reason !== 'counting' || !limit || limit.kind !== 'deployment') return false
    const limits = [moment.picture, picture].map((each) => each.limits.get(key as `deployment#${string}`))
    return limits[0]?.active !== limits[1]?.active
  })
}

async function endsSoon({ run, said, fork: origin }: Trial): Promise<string[]> {
  const fork = origin.fork()
  for (const seconds of ENDING_SWEEPS) {
    fork.pass(seconds)
    await fork.tick()
    await fork.sweep()
    const now = momentOf(fork).picture.runs.get(lifeOf(run))
    if (!now || !waits(now)) return []
  }
  return [`run ${run.id} still waits ${ENDING_SWEEPS.length} sweeps after: ${wordsOf(said)}`]
}

const isPush = ({ run, moment }: Trial): boolean => moment.places.pools.get(run.poolId ?? '')?.push === true
