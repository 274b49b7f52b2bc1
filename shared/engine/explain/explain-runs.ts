import type { Deps } from '#shared/deps.ts'
import { notFound } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isHeld, isWaiting } from '#shared/flow-run/held-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { formatInstant, type Instant } from '#shared/instant.ts'
import { deploymentLimit, type Limit, refusalOf } from '#shared/limit/limit.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { findObstacles, type Obstacle, type PoolPicture } from '#shared/work-pool/find-obstacles.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { nextWords, obstacleWords, TOO_LARGE_WORDS } from './obstacle-words.ts'
import { readPoolPicture } from './read-pool-picture.ts'
import { runsTooLarge } from './small-agents.ts'

/** Something that keeps a run from starting, in words, with the limit if it is about one. */
interface ExplainedObstacle {
  reason: Obstacle['reason'] | 'not_due' | 'deployment_deleted'
  message: string
  limit: Limit | null
  /** How many runs go first, up to AHEAD_MAX; null where none can. */
  ahead: number | null
}

/** Why a run is where it is. */
export interface Explanation {
  run: FlowRun
  /** That of the first obstacle, if there is one. */
  reason: ExplainedObstacle['reason'] | 'not_in_a_pool' | 'next' | 'starting' | 'held' | 'suspended' | 'ended'
  message: string
  /** Everything that is in the way of a run that waits in a pool: with all of it gone it starts at the next look. */
  obstacles: ExplainedObstacle[]
  evaluatedAt: Instant
}

/** Explains one run. Raises not_found. */
export async function explainRun(deps: Deps, runId: string): Promise<Explanation> {
  const [explanation] = await explainRuns(deps, [runId])
  if (!explanation) throw notFound('Flow run', runId)
  return explanation
}

/**
 * Explains why runs wait, or what they do, by the function that plans dispatch, on what waits and on limits read now,
 * each once. In the order asked for; runs that don't exist are left out.
 */
export async function explainRuns(deps: Deps, runIds: readonly string[]): Promise<Explanation[]> {
  const runs = await getRuns(deps.table, [...new Set(runIds)])
  const now = deps.clock.now()
  const waiting = Map.groupBy(
    runs.filter((run) => isWaiting(run) && run.poolId !== null && run.queueId !== null),
    (run) => run.poolId ?? '',
  )
  const [pools, served, gone] = await Promise.all([
    Promise.all([...waiting].map(([poolId, some]) => readPool(deps, poolId, some, now))),
    limitsOfServed(deps, runs),
    lostDeployments(deps, runs.filter(isWaiting)),
  ])
  const poolOf = new Map(pools.map((pool) => [pool.picture.poolId, pool]))
  return runs.map((run) => {
    const known = isWaiting(run) ? poolOf.get(run.poolId ?? '') : undefined
    const said = known && run.queueId ? inPool(run, known, gone) : elsewhere(run, served, gone, now)
    return { run, evaluatedAt: now, ...said }
  })
}

type Said = Pick<Explanation, 'reason' | 'message' | 'obstacles'>

/** What is said of runs whose deployment no longer exists, or won't soon, by the deployment's id. */
type Lost = ReadonlyMap<string, string>

const DELETED_WORDS = 'Its deployment was deleted; the run is cancelled when its turn comes.'
const DELETING_WORDS = 'Its deployment is being deleted; the run will be cancelled.'

interface KnownPool {
  picture: PoolPicture
  pool: WorkPool | undefined
  /** Runs that no agent has enough CPU or memory for. */
  tooLarge: ReadonlySet<string>
}

async function readPool(deps: Deps, poolId: string, runs: readonly FlowRun[], now: Instant): Promise<KnownPool> {
  const [picture, pool] = await Promise.all([readPoolPicture(deps, poolId, runs, now), getPool(deps.table, poolId)])
  return { picture, pool, tooLarge: await runsTooLarge(deps, pool, runs) }
}

/** The limits of deployments that processes of the user's serve; their runs are in no pool. */
async function limitsOfServed(deps: Deps, runs: readonly FlowRun[]): Promise<ReadonlyMap<string, Limit>> {
  const served = runs.filter((run) => isWaiting(run) && run.poolId === null)
  const keys = served.flatMap(({ deploymentId }) => (deploymentId === null ? [] : [deploymentLimit(deploymentId)]))
  return await getLimits(deps.table, keys)
}

/** Which deployments of these runs no longer exist, or won't soon. */
async function lostDeployments(deps: Deps, runs: readonly FlowRun[]): Promise<Lost> {
  const ids = [...new Set(runs.flatMap(({ deploymentId }) => deploymentId ?? []))]
  const read = await Promise.all(ids.map(async (id) => [id, await getDeployment(deps.table, id)] as const))
  return new Map(
    read.flatMap(([id, found]) => (found && !found.deleting ? [] : [[id, found ? DELETING_WORDS : DELETED_WORDS]])),
  )
}

function inPool(run: FlowRun, { picture, pool, tooLarge }: KnownPool, gone: Lost): Said {
  const found = findObstacles(picture, run.id).map((obstacle): ExplainedObstacle => {
    const limit = picture.limits.get(obstacle.limit) ?? null
    return { ...obstacle, limit, message: obstacleWords(obstacle, limit) }
  })
  const obstacles = [...deploymentObstacle(run, gone), ...dueObstacle(run, picture.now), ...found]
  const [first] = obstacles
  if (first) return { reason: first.reason, message: first.message, obstacles }
  return { reason: 'next', message: tooLarge.has(run.id) ? TOO_LARGE_WORDS : nextWords(pool), obstacles }
}

function dueObstacle(run: FlowRun, now: Instant): ExplainedObstacle[] {
  const due = run.nextScheduledStartTime ?? run.expectedStartTime
  if (due <= now) return []
  return [{ reason: 'not_due', message: `It is not due until ${formatInstant(due)}.`, limit: null, ahead: null }]
}

function deploymentObstacle({ deploymentId }: FlowRun, gone: Lost): ExplainedObstacle[] {
  const message = deploymentId === null ? undefined : gone.get(deploymentId)
  if (message === undefined) return []
  return [{ reason: 'deployment_deleted', message, limit: null, ahead: null }]
}

/** What there is to say of a run that waits in no pool, or does not wait. */
function elsewhere(run: FlowRun, served: ReadonlyMap<string, Limit>, gone: Lost, now: Instant): Said {
  const say = (reason: Explanation['reason'], message: string): Said => ({ reason, message, obstacles: [] })
  const { type, name } = run.state
  if (isTerminal(type)) return say('ended', `The run has ended: ${name}.`)
  if (isWaiting(run)) return servedRun(run, served, gone, now)
  if (type === 'PENDING' && isHeld(run)) return say('starting', startingWords(run))
  if (isHeld(run)) return say('held', `The run has been handed out and is ${name}.`)
  if (type === 'PAUSED') return say('suspended', 'The run is paused and holds no slots; it goes on when it is resumed.')
  return say('held', `The run is ${name}; its process was started outside of any work pool.`)
}

function servedRun(run: FlowRun, served: ReadonlyMap<string, Limit>, gone: Lost, now: Instant): Said {
  const limit = served.get(deploymentLimit(run.deploymentId ?? ''))
  const refusal = limit && refusalOf(limit)
  const full = limit && refusal ? [{ reason: refusal, limit: limit.key, ahead: 0 }] : []
  const obstacles = [
    ...deploymentObstacle(run, gone),
    ...dueObstacle(run, now),
    ...full.map((each) => ({ ...each, limit: limit ?? null, message: obstacleWords(each, limit ?? null) })),
  ]
  const [first] = obstacles
  if (first) return { reason: first.reason, message: first.message, obstacles }
  const message = 'The run has no work pool; it starts when a process that serves its deployment polls for it.'
  return { reason: 'not_in_a_pool', message, obstacles }
}

function startingWords({ launch }: FlowRun): string {
  if (launch?.taskArn) return `Its ECS task is starting: ${launch.taskArn}.`
  return 'The run has been handed out; its start has not been reported yet.'
}
