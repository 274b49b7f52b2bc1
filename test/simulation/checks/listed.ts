import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Chance } from '../machine/chance.ts'
import type { Fork } from './fork.ts'
import { type Moment } from './judge.ts'

const PAGE = 200

type Filter = NonNullable<Parameters<typeof idsOf>[1]>

/**
 * Every waiting run is in the lists and counts that should have it, of all and of one of the pools, every holder of that
 * pool among its holders, every run found.
 */
export async function listProblems(fork: Fork, moment: Moment, chance: Chance): Promise<string[]> {
  const { picture, places } = moment
  const all = [...picture.runs.values()]
  const scheduled = all.filter(({ state }) => state.type === 'SCHEDULED')
  const byState = { flow_runs: { state: { type: { any_: ['SCHEDULED' as const] } } } }
  const problems = await listAndCount(fork, 'SCHEDULED', byState, scheduled)
  const pool = chance.pick([...places.pools.values()])
  if (pool) {
    const { id, name } = pool
    const filter = { ...byState, work_pools: { name: { any_: [name] } } }
    const inPool = scheduled.filter((run) => run.poolId === id)
    problems.push(...(await listAndCount(fork, `SCHEDULED in ${name}`, filter, inPool)))
    problems.push(...(await holderProblems(fork, { id, name }, moment)))
  }
  const byId = { flow_runs: { id: { any_: all.map(({ id }) => id) } } }
  return [...problems, ...difference('found by id', await idsOf(fork, byId), all)]
}

async function listAndCount(fork: Fork, what: string, filter: Filter, wanted: readonly FlowRun[]): Promise<string[]> {
  const { body: count } = await fork.call('countFlowRuns', filter)
  const wrong = count === wanted.length ? [] : [`the count of ${what} is ${count}, there are ${wanted.length}`]
  return [...wrong, ...difference(`in the list of ${what}`, await idsOf(fork, filter), wanted)]
}

async function idsOf(
  fork: Fork,
  filter: Parameters<typeof fork.call<'listFlowRuns'>>[1] extends infer Body ? Body : never,
): Promise<string[]> {
  const ids: string[] = []
  for (let offset = 0; ; offset += PAGE) {
    const { body } = await fork.call('listFlowRuns', { ...(filter as object), limit: PAGE, offset })
    ids.push(...(body as { id: string }[]).map(({ id }) => id))
    if (body.length < PAGE) return ids
  }
}

function difference(where: string, found: readonly string[], wanted: readonly FlowRun[]): string[] {
  const ids = new Set(found)
  const missing = wanted.filter(({ id }) => !ids.delete(id))
  return [
    ...missing.map(({ id, state }) => `run ${id}, which is ${state.type}, is not ${where}`),
    ...[...ids].map((id) => `run ${id} is ${where}, and should not be`),
  ]
}

/** Who holds the slots of a pool's queues, and how many there are. */
async function holderProblems(fork: Fork, pool: { id: string; name: string }, { picture, places }: Moment) {
  const { status, body } = await fork.call(
    'getWorkPoolSlots',
    { name: pool.name },
    { flow_run_limit: PAGE, limit: PAGE },
  )
  if (status !== 200) return [`the holders of ${pool.name} were answered ${status}`]
  const holders = [...picture.runs.values()].filter(({ claim }) => claim?.slots.includes(`pool#${pool.id}`))
  const wrong =
    body.active_slots === holders.length
      ? []
      : [`${pool.name} shows ${body.active_slots} held slots of ${holders.length}`]
  for (const { id, name } of [...places.queues.values()].filter(({ poolId }) => poolId === pool.id)) {
    const shown = (body.queues as { queue_id: string; active_slots: number; flow_runs: { id: string }[] }[]).find(
      ({ queue_id }) => queue_id === id,
    )
    const held = holders.filter(({ queueId }) => queueId === id)
    const where = `among the holders of ${pool.name}/${name}`
    wrong.push(
      ...difference(
        where,
        (shown?.flow_runs ?? []).map((run) => run.id),
        held,
      ),
    )
    if (shown?.active_slots !== held.length)
      wrong.push(`${pool.name}/${name} shows ${shown?.active_slots} held slots of ${held.length}`)
  }
  return wrong
}
