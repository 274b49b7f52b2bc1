import { LATE_AFTER_SECONDS } from '#shared/bounds.ts'
import type { BodyOf } from '#shared/client/client.ts'
import { addSeconds, formatInstant, type Instant } from '#shared/instant.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Json } from '../../outside/caller.ts'

type Filters = BodyOf<'listFlowRuns'>
type RunFilter = NonNullable<Filters['flow_runs']>

/** Something to ask for, and whether a run as it is shown has it: told here once more. */
interface Criterion {
  flow_runs?: RunFilter
  others?: Omit<Filters, 'flow_runs' | 'limit' | 'offset' | 'sort'>
  has: (run: Json) => boolean
}

/** A filter, and which runs it is to find. */
export interface Asked {
  filters: Filters
  has: (run: Json) => boolean
}

/** More than a run's state by its name: one that waits too long is late. */
export function shownName(run: Json, now: Instant): string {
  const due = run.next_scheduled_start_time as string | null
  const late =
    run.state.type === 'SCHEDULED' && ['Scheduled', 'Late'].includes(run.state.name as string) && due !== null
  return late && due <= formatInstant(addSeconds(now, -LATE_AFTER_SECONDS)) ? 'Late' : (run.state.name as string)
}

/** Draws a filter of one or two members from what some of these runs have. */
export function drawFilter(runs: readonly Json[], now: Instant, chance: Chance): Asked | undefined {
  const some = [chance.of('first'), chance.of('second')].flatMap((each) => criterionOf(runs, now, each) ?? [])
  const [first, second] = some
  if (!first) return undefined
  if (!second || chance.hits(0.4)) return askedOf(first)
  const [mine, its] = [first.flow_runs, second.flow_runs]
  const clash = first.others ? second.others : mine && its && Object.keys(mine).some((member) => member in its)
  if (clash) return askedOf(first)
  if (mine && its && chance.hits(0.4))
    return {
      filters: { flow_runs: { operator: 'or_', ...mine, ...its } },
      has: (run) => first.has(run) || second.has(run),
    }
  const flow_runs = { ...mine, ...its }
  return {
    filters: { ...first.others, ...second.others, ...(mine || its ? { flow_runs } : {}) },
    has: (run) => first.has(run) && second.has(run),
  }
}

function askedOf({ flow_runs, others, has }: Criterion): Asked {
  return { filters: { ...others, ...(flow_runs ? { flow_runs } : {}) }, has }
}

const TIMES = ['start_time', 'end_time', 'expected_start_time', 'next_scheduled_start_time'] as const

function criterionOf(runs: readonly Json[], now: Instant, chance: Chance): Criterion | undefined {
  const run = chance.pick(runs)
  const other = chance.pick(runs)
  if (!run || !other) return undefined
  const types = [run.state_type, other.state_type]
  const names = [shownName(run, now)]
  const tag = 't1'
  return chance.pick<Criterion>([
    { flow_runs: { state: { type: { any_: types } } }, has: ({ state_type }) => types.includes(state_type) },
    { flow_runs: { state: { type: { any_: types } } }, has: ({ state_type }) => types.includes(state_type) },
    { flow_runs: { state: { type: { any_: types } } }, has: ({ state_type }) => types.includes(state_type) },
    { flow_runs: { state: { type: { not_any_: types } } }, has: ({ state_type }) => !types.includes(state_type) },
    { flow_runs: { state: { name: { any_: names } } }, has: (each) => names.includes(shownName(each, now)) },
    among('deployment_id', [run.deployment_id, other.deployment_id]),
    { flow_runs: { deployment_id: { is_null_: true } }, has: ({ deployment_id }) => deployment_id === null },
    among('work_queue_name', [run.work_queue_name]),
    among('idempotency_key', [run.idempotency_key]),
    among('parent_task_run_id', [run.parent_task_run_id]),
    among('name', [run.name, other.name]),
    { flow_runs: { tags: { all_: [tag] } }, has: ({ tags }) => tags.includes(tag) },
    { flow_runs: { tags: { is_null_: true } }, has: ({ tags }) => tags.length === 0 },
    timeOf(chance.pick(TIMES) ?? 'start_time', run, chance.hits(0.5)),
    timeOf(chance.pick(TIMES) ?? 'end_time', run, chance.hits(0.5)),
    placeOf(run),
  ])
}

function among(
  member: 'deployment_id' | 'work_queue_name' | 'idempotency_key' | 'parent_task_run_id' | 'name',
  values: (string | null)[],
): Criterion {
  const any_ = values.filter((value) => value !== null)
  return { flow_runs: { [member]: { any_ } }, has: (run) => any_.includes(run[member] as string) }
}

/** As far as a run that has not started goes, its start is when it is expected. */
function timeOf(member: (typeof TIMES)[number], run: Json, before: boolean): Criterion {
  const valueOf = (each: Json) =>
    (each[member] ?? (member === 'start_time' ? each.expected_start_time : null)) as string | null
  const bound = valueOf(run)
  if (bound === null) {
    const isNull = member === 'expected_start_time' ? {} : { [member]: { is_null_: true } }
    return { flow_runs: isNull, has: (each) => each[member] === null }
  }
  return {
    flow_runs: { [member]: before ? { before_: bound } : { after_: bound } },
    has: (each) => {
      const value = valueOf(each)
      return value !== null && (before ? value <= bound : value >= bound)
    },
  }
}

function placeOf({ work_pool_name: pool, work_queue_name: queue }: Json): Criterion {
  const others = {
    ...(pool === null ? {} : { work_pools: { name: { any_: [pool as string] } } }),
    ...(queue === null ? {} : { work_pool_queues: { name: { any_: [queue as string] } } }),
  }
  return {
    others,
    has: (run) => (pool === null || run.work_pool_name === pool) && (queue === null || run.work_queue_name === queue),
  }
}
