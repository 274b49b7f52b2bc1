import type { BodyOf } from '#shared/client/client.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { addSeconds } from '#shared/instant.ts'
import { AGENT_POOL_NAME } from '#shared/work-pool/work-pool.ts'
import type { Chance } from '../../machine/chance.ts'
import { uuidOf } from '../../verbs/uuid-of.ts'
import type { Fork } from '../fork.ts'
import { compareTurns, dueOf, type Moment, mayStart, waits } from '../judge.ts'
import { lifeOf } from '../picture.ts'
import type { Places } from '../places.ts'
import { momentOf } from '../starts.ts'

const AHEAD_SECONDS = [0, 0, 10, 300]

type Body = BodyOf<'claimWork'>

/** What a new agent asks for, and in which order its runs go. */
interface Call {
  pool: { id: string; name: string }
  body: Body
  /** Of the queues that it names; undefined for all by their priority. */
  queueIds: readonly string[] | undefined
  ahead: number
}

/**
 * A new agent is given what waits where it asks, as much as it and all limits have room for, and none of a queue that it
 * names later while one of an earlier queue fits.
 */
export async function claimProblems(origin: Fork, moment: Moment, chance: Chance): Promise<string[]> {
  const call = drawCall(moment, chance)
  if (!call) return []
  const problems = await claimed(origin.fork(), call)
  if (problems.length === 0) return []
  // A hint of room may have been lost, which the sweep makes up for.
  const swept = origin.fork()
  await swept.sweep()
  return await claimed(swept, call)
}

function drawCall({ places }: Moment, chance: Chance): Call | undefined {
  const pool = chance.pick([...places.pools.values()].filter(({ push, name }) => !push && name !== AGENT_POOL_NAME))
  if (!pool) return undefined
  const all = [...places.queues.values()].filter(({ poolId }) => poolId === pool.id)
  const mixed = all.map((queue) => ({ queue, rank: chance.of(queue.id).next() })).toSorted((a, b) => a.rank - b.rank)
  const named = chance.hits(0.7) ? mixed.slice(0, 2).map(({ queue }) => queue) : undefined
  const slots = chance.whole(1, 4)
  const each = chance.hits(0.3) ? 1 : undefined
  const ahead = chance.pick(AHEAD_SECONDS) ?? 0
  const body: Body = {
    agent: { id: uuidOf({ chance }), name: 'newcomer' },
    session: uuidOf({ chance }),
    sequence: 0,
    request_id: uuidOf({ chance }),
    free: { slots },
    capacity: { slots },
    prefetch_seconds: ahead,
    ...(named ? { queues: named.map(({ name }) => name) } : {}),
    ...(each === undefined ? {} : { flow_limits: { each } }),
  }
  return { pool, body, queueIds: named?.map(({ id }) => id), ahead }
}

async function claimed(fork: Fork, { pool, body, queueIds, ahead }: Call): Promise<string[]> {
  const before = momentOf(fork)
  const { status } = await fork.call('claimWork', { name: pool.name }, body)
  if (status !== 200) return [`a claim in ${pool.name} was answered ${status}`]
  const after = { ...momentOf(fork), now: addSeconds(fork.clock.at, ahead) }
  const given = [...after.picture.runs.values()].filter(({ claim }) => claim?.session?.session === body.session)
  const earlier = (run: FlowRun) => before.picture.runs.get(lifeOf(run)) ?? run
  const places = ordered(before.places, queueIds)
  const isServed = ({ poolId, queueId }: FlowRun) =>
    poolId === pool.id && (queueIds === undefined || queueIds.includes(queueId ?? ''))
  const each = body.flow_limits?.each ?? Infinity
  const fits = (run: FlowRun, others: readonly FlowRun[]) =>
    others.length < body.free.slots && others.filter(({ flowId }) => flowId === run.flowId).length < each
  const where = `a claim in ${pool.name} (${body.queues?.join(', ') ?? 'all'})`
  const stray = given.map(earlier).filter((run) => !isServed(run) || !waits(run) || dueOf(run) > after.now)
  const left = [...after.picture.runs.values()].filter((run) => isServed(run) && waits(run) && !counts(run, after))
  const passed = left.filter((run) => {
    const others = given.filter((other) => compareTurns(earlier(other), run, places) <= 0)
    const later = given.filter((other) => !others.includes(other))
    return fits(run, others) && mayStart(run, { ...after, picture: withoutHolds(later, after) })
  })
  return [
    ...(given.length > body.free.slots ? [`${where} got ${given.length} runs in ${body.free.slots} slots`] : []),
    ...given
      .filter(
        (run) =>
          !fits(
            run,
            given.filter((other) => other !== run),
          ),
      )
      .map(({ id }) => `${where} got ${id} beyond its flow's ${each}`),
    ...stray.map(({ id }) => `${where} got run ${id}, which it should not`),
    ...passed.map(
      ({ id, queueId }) =>
        `${where} left run ${id} of ${before.places.queues.get(queueId ?? '')?.name} that fits, for ${given.length} others`,
    ),
  ]
}

/** Places in which the queues that are named go in that order. */
function ordered(places: Places, queueIds: readonly string[] | undefined): Places {
  if (!queueIds) return places
  const queues = [...places.queues].map(([id, queue]) => [id, { ...queue, priority: queueIds.indexOf(id) }] as const)
  return { ...places, queues: new Map(queues) }
}

/** Whether a run waits for a limit that is still counting. */
const counts = ({ deploymentId }: FlowRun, { picture }: Moment): boolean =>
  picture.limits.get(`deployment#${deploymentId}`)?.counting === true

/** What is stored, as if these held nothing. */
function withoutHolds(runs: readonly FlowRun[], { picture }: Moment): Moment['picture'] {
  const limits = new Map(picture.limits)
  for (const key of runs.flatMap(({ claim }) => claim?.slots ?? [])) {
    const limit = limits.get(key)
    if (limit) limits.set(key, { ...limit, active: limit.active - 1 })
  }
  return { ...picture, limits }
}
