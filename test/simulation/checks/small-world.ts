import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Instant } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { aRun, at, DEPLOYMENT_ID, POOL_ID, QUEUE_ID, T0 } from '../../support/fixtures/a-run.ts'
import { Chance } from '../machine/chance.ts'
import { WorldClock } from '../machine/world-clock.ts'
import { MemoryTable } from '../table/memory-table.ts'
import { Fork } from './fork.ts'
import type { Moment } from './judge.ts'
import { type LimitItem, lifeOf, NOTHING, type Picture } from './picture.ts'

export const OTHER_QUEUE_ID = '55555555-5555-5555-8555-555555555555'

/** A limit as it is stored, by default without a cap or holders. */
export function aLimitItem(key: LimitKey, rest: Partial<LimitItem> = {}): LimitItem {
  const { limit = null, active = 0 } = rest
  const available = (limit ?? 1_000_000_000_000) - active
  const open = { paused: false, deleting: false, counting: false, lookedAt: false, epoch: 0 }
  return { key, life: 'life', limit, active, available, ...open, ...rest }
}

/** A run that waits, with an id and life of its own. */
export function waitingRun(number: number, rest: Partial<FlowRun> = {}): FlowRun {
  return aRun({ id: `0198a1b2-c3d4-7e5f-8a9b-${String(number).padStart(12, '0')}`, ...rest })
}

export function pictureOfThese(runs: readonly FlowRun[], limits: readonly LimitItem[] = []): Picture {
  return {
    ...NOTHING,
    runs: new Map(runs.map((run) => [lifeOf(run), run])),
    limits: new Map(limits.map((limit) => [limit.key, limit])),
    lines: new Set([POOL_ID]),
  }
}

/** A push pool with two queues, the first of which has priority, at a moment when these runs are there. */
export function momentWith(
  runs: readonly FlowRun[],
  limits: readonly LimitItem[] = [],
  { now = at(1), push = true }: { now?: Instant; push?: boolean } = {},
): Moment {
  const keys: LimitKey[] = [`pool#${POOL_ID}`, `queue#${QUEUE_ID}`, `queue#${OTHER_QUEUE_ID}`]
  const given = new Set(limits.map(({ key }) => key))
  const open = keys.filter((key) => !given.has(key)).map((key) => aLimitItem(key))
  return {
    picture: pictureOfThese(runs, [...open, ...limits]),
    places: {
      pools: new Map([[POOL_ID, { id: POOL_ID, name: 'pool', push, silentMinutes: null }]]),
      queues: new Map([
        [QUEUE_ID, { id: QUEUE_ID, poolId: POOL_ID, name: 'first', priority: 1 }],
        [OTHER_QUEUE_ID, { id: OTHER_QUEUE_ID, poolId: POOL_ID, name: 'second', priority: 2 }],
      ]),
      deployments: new Set([DEPLOYMENT_ID]),
    },
    now,
  }
}

/** A service in which nothing is yet. */
export function emptyFork(): Fork {
  const clock = new WorldClock()
  clock.moveTo(T0)
  return new Fork({ table: new MemoryTable('pushpool'), clock, ecs: { started: [] } }, new Chance('small world'))
}

/** A deployment in a pool of its own, with a limit of one slot on the pool, and some runs of it. */
export async function poolWithRuns(fork: Fork, type: 'ecs:push' | 'process', runs: number) {
  await fork.call('createWorkPool', { name: 'pool', type, concurrency_limit: 1 })
  const flow = await fork.call('createFlow', { name: 'job' })
  const deployment = await fork.call('createDeployment', {
    name: 'job',
    flow_id: flow.body.id as string,
    work_pool_name: 'pool',
    job_variables: { command: ['true'] },
  })
  const deploymentId = deployment.body.id as string
  const ids: string[] = []
  for (let n = 0; n < runs; n += 1) {
    const { body } = await fork.call('createFlowRunFromDeployment', { id: deploymentId }, {})
    ids.push(body.id as string)
  }
  return { deploymentId, ids }
}
