import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Json } from '../../outside/caller.ts'
import type { Fork } from '../fork.ts'
import { compareTurns, dueOf, type Moment, waits } from '../judge.ts'

const AHEAD_SECONDS = [0, 10, 300]
const MOST = 50

/** Whoever polls gets what waits and is due where he asks for it, in the order of its turns, and no more than he wants. */
export async function pollProblems(origin: Fork, moment: Moment, chance: Chance): Promise<string[]> {
  const { places } = moment
  const pool = chance.pick([...places.pools.values()].filter(({ push }) => !push))
  const before = addSeconds(moment.now, chance.pick(AHEAD_SECONDS) ?? 0)
  if (!pool || chance.hits(0.3)) return await servedProblems(origin, moment, before)
  const queues = [...places.queues.values()].filter(({ poolId }) => poolId === pool.id)
  const queue = chance.hits(0.4) ? chance.pick(queues) : undefined
  const limit = chance.whole(1, 4)
  const answer = await origin.fork().call(
    'pollWorkPool',
    { name: pool.name },
    {
      limit,
      scheduled_before: formatInstant(before),
      ...(queue ? { work_queue_names: [queue.name] } : {}),
    },
  )
  if (answer.status !== 200) return [`a poll of ${pool.name} was answered ${answer.status}`]
  const runs = runsOf(answer.body.map(({ flow_run }: Json) => flow_run) as Json[], moment)
  const where = `a poll of ${pool.name}${queue ? `/${queue.name}` : ''} found`
  const stray = runs.filter(
    (run) => !waits(run) || run.poolId !== pool.id || (queue && run.queueId !== queue.id) || dueOf(run) > before,
  )
  const unordered = runs.findIndex((run, at) => at > 0 && compareTurns(runs[at - 1] ?? run, run, places) > 0)
  return [
    ...(runs.length > limit ? [`${where} ${runs.length} runs in place of ${limit}`] : []),
    ...stray.map(({ id }) => `${where} run ${id}, which it should not`),
    ...(unordered > 0 ? [`${where} run ${runs[unordered]?.id} out of its turn`] : []),
  ]
}

/** The runs of deployments that have no pool wait for a process that asks for all that is due. */
async function servedProblems(origin: Fork, { picture, places, now }: Moment, before: number): Promise<string[]> {
  const ids = [...places.deployments]
  if (ids.length === 0) return []
  const body = { deployment_ids: ids, scheduled_before: formatInstant(before), limit: MOST }
  const answer = await origin.fork().call('listScheduledFlowRuns', body)
  if (answer.status !== 200) return [`a poll of deployments was answered ${answer.status}`]
  const found = runsOf(answer.body as Json[], { picture, places, now })
  const wanted = [...picture.runs.values()].filter(
    (run) => waits(run) && run.poolId === null && run.queueId === null && isOf(run, places) && dueOf(run) <= before,
  )
  const ready = wanted.filter(({ blockedBy }) => blockedBy === null)
  const missing = found.length < MOST ? ready.filter((run) => !found.includes(run)) : []
  const late = found.findIndex((run, at) => at > 0 && dueOf(found[at - 1] ?? run) > dueOf(run))
  return [
    ...found.filter((run) => !wanted.includes(run)).map(({ id }) => `run ${id} was found by who serves its deployment`),
    ...missing.map(({ id }) => `run ${id} is not found by who serves its deployment`),
    ...(late > 0 ? [`run ${found[late]?.id} is found out of its turn`] : []),
  ]
}

const isOf = ({ deploymentId }: FlowRun, { deployments }: Moment['places']): boolean =>
  deployments.has(deploymentId ?? '')

function runsOf(views: readonly Json[], { picture }: Moment): FlowRun[] {
  const byId = new Map([...picture.runs.values()].map((run) => [run.id, run]))
  return views.flatMap(({ id }) => byId.get(id as string) ?? [])
}
