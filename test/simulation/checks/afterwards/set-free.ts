import { isStopped } from '#shared/ecs-task/ecs-task.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { Chance } from '../../machine/chance.ts'
import { changeLimit } from '../explained.ts'
import type { Fork } from '../fork.ts'
import { dueOf, limitsOf, type Moment, roomOf, startable, waits } from '../judge.ts'
import { momentOf } from '../starts.ts'
import { behindClosedQueue } from './closed-queue.ts'
import { ended } from './ended.ts'
import { spread } from './spread.ts'

/** Long enough for wake-ups to be due that bring one another, and much shorter than until a tick. */
const WAVES = 3
const WAVE_SECONDS = 3
/** How often the deployment that is set free has runs in two pools. */
const SPREAD_SHARE = 0.4
/** And how often it has a run behind a queue that is closed. */
const CLOSED_SHARE = 0.25

/**
 * Opens a place, raises a limit or ends a task in a fork after a tick: what that sets free starts without another one. Says
 * what waits on.
 */
export async function setFree(fork: Fork, chance: Chance): Promise<string[]> {
  const drawn = chance.next()
  const queue = drawn < CLOSED_SHARE ? await behindClosedQueue(fork, momentOf(fork), chance.of('closed')) : undefined
  const scattered = drawn >= CLOSED_SHARE && drawn < CLOSED_SHARE + SPREAD_SHARE
  const limit = scattered ? await spread(fork, momentOf(fork), chance.of('spread')) : undefined
  const moment = momentOf(fork)
  const act = queue ?? chance.pick(actsIn(fork, moment, limit))
  if (!act) return []
  const done = await act(fork)
  for (let wave = 0; wave < WAVES; wave += 1) {
    await fork.deliver()
    fork.pass(WAVE_SECONDS)
  }
  // What has fallen due since may be left to the next tick.
  return startable({ ...momentOf(fork), now: moment.now }).map(
    (run) => `run ${run.id} waits for a tick, and nothing keeps it from starting since ${done}`,
  )
}

/** What a fork's operator, or its ECS, does; says in words what it was. */
type Act = (fork: Fork) => Promise<string>

function actsIn(fork: Fork, moment: Moment, limit: LimitKey | undefined): Act[] {
  const keys = closed(moment).filter((key) => limit === undefined || key === limit)
  return [...keys.map((key) => opening(key, moment)), ...ending(fork, new Set(keys), moment)]
}

/** The limits without room that runs of push pools wait for. */
function closed({ picture, places, now }: Moment): LimitKey[] {
  const waiting = [...picture.runs.values()].filter(
    (run) => waits(run) && dueOf(run) <= now && places.pools.get(run.poolId ?? '')?.push === true,
  )
  const keys = new Set(waiting.flatMap((run) => limitsOf(run, picture)))
  return [...keys].filter((key) => {
    const limit = picture.limits.get(key)
    return limit !== undefined && !limit.counting && !limit.deleting && roomOf(limit) === 0
  })
}

function opening(key: LimitKey, moment: Moment): Act {
  const [kind, id] = key.split('#') as ['pool' | 'queue' | 'deployment', string]
  return async (fork) => {
    const limit = moment.picture.limits.get(key)
    const changes = limit?.paused ? [{ is_paused: false }, { concurrency_limit: null }] : [{ concurrency_limit: null }]
    for (const change of changes) await changeLimit(fork, { kind, id }, change, moment)
    return `${key} was opened`
  }
}

/** The ends of tasks whose runs hold slots of these limits, and of what clients hold. */
function ending({ ecs }: Fork, keys: ReadonlySet<LimitKey>, { picture, now }: Moment): Act[] {
  const holders = [...picture.runs.values()].filter(({ claim }) => claim?.slots.some((slot) => keys.has(slot)))
  const recorded = new Set(holders.map(({ launch }) => launch?.taskArn))
  const alive = ecs.started.filter(({ news }) => recorded.has(news.taskArn) && !isStopped(news))
  const byTask = alive.map((task) => async (fork: Fork) => {
    await fork.report([ended(task.news, now)])
    return `${task.news.startedBy} ended`
  })
  const byClient = holders.flatMap(({ id, claim }): Act[] => (claim?.by.kind === 'client' ? [endByHand(id)] : []))
  return [...byTask, ...byClient]
}

function endByHand(id: string): Act {
  return async (fork) => {
    await fork.call('setFlowRunState', { id }, { state: { type: 'CANCELLED', message: 'By hand.' }, force: true })
    return `${id} was cancelled by hand`
  }
}
