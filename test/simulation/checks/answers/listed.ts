import type { BodyOf } from '#shared/client/client.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Json } from '../../outside/caller.ts'
import type { Fork } from '../fork.ts'
import type { Moment } from '../judge.ts'
import { drawFilter } from './filters.ts'
import { shownProblems } from './shown.ts'

const PAGE = 200

type Filter = BodyOf<'listFlowRuns'>

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
  const shown = await listed(fork, { flow_runs: { id: { any_: all.map(({ id }) => id) } } })
  return [
    ...problems,
    ...difference('found by id', idsIn(shown), all),
    ...shownProblems(shown, moment),
    ...(await filterProblems(fork, shown, moment, chance.of('filter'))),
  ]
}

/** A filter finds what it names, in the order that was asked for, and nothing else. */
async function filterProblems(fork: Fork, shown: readonly Json[], { picture, now }: Moment, chance: Chance) {
  const asked = drawFilter(shown, now, chance)
  if (!asked) return []
  const { filters, has } = asked
  const wanted = new Set(shown.filter(has).map(({ id }) => id as string))
  const runs = [...picture.runs.values()].filter(({ id }) => wanted.has(id))
  const sort = chance.pick(SORTS)
  const found = await listed(fork, { ...filters, ...(sort ? { sort: sort.name } : {}) })
  const { body: count } = await fork.call('countFlowRuns', filters)
  const what = `by ${JSON.stringify(filters)}`
  const keys = sort ? found.map(sort.key) : []
  const unsorted = keys.findIndex((key, at) => at > 0 && sort?.compare(keys[at - 1] ?? '', key))
  return [
    ...(count === runs.length ? [] : [`the count ${what} is ${count}, there are ${runs.length}`]),
    ...difference(`listed ${what}`, idsIn(found), runs),
    ...(unsorted > 0 ? [`run ${found[unsorted]?.id} is out of the order ${sort?.name}`] : []),
  ]
}

interface Sort {
  name: NonNullable<BodyOf<'listFlowRuns'>['sort']>
  key: (run: Json) => string
  /** Whether one that comes after another is out of order. */
  compare: (before: string, after: string) => boolean
}

const rises = (before: string, after: string): boolean => before > after
const falls = (before: string, after: string): boolean => before < after
const started = (run: Json): string => (run.start_time ?? run.expected_start_time) as string
const expected = (run: Json): string => run.expected_start_time as string

const SORTS: readonly (Sort | undefined)[] = [
  undefined,
  { name: 'EXPECTED_START_TIME_ASC', key: expected, compare: rises },
  { name: 'EXPECTED_START_TIME_DESC', key: expected, compare: falls },
  { name: 'START_TIME_ASC', key: started, compare: rises },
  { name: 'START_TIME_DESC', key: started, compare: falls },
  { name: 'NAME_ASC', key: ({ name }) => name as string, compare: rises },
  { name: 'END_TIME_DESC', key: (run) => (run.end_time ?? '') as string, compare: falls },
]

async function listAndCount(fork: Fork, what: string, filter: Filter, wanted: readonly FlowRun[]): Promise<string[]> {
  const { body: count } = await fork.call('countFlowRuns', filter)
  const wrong = count === wanted.length ? [] : [`the count of ${what} is ${count}, there are ${wanted.length}`]
  return [...wrong, ...difference(`in the list of ${what}`, idsIn(await listed(fork, filter)), wanted)]
}

async function listed(fork: Fork, filter: Filter): Promise<Json[]> {
  const runs: Json[] = []
  for (let offset = 0; ; offset += PAGE) {
    const { body } = await fork.call('listFlowRuns', { ...filter, limit: PAGE, offset })
    runs.push(...(body as Json[]))
    if (body.length < PAGE) return runs
  }
}

const idsIn = (runs: readonly Json[]): string[] => runs.map(({ id }) => id as string)

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
