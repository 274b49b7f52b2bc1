import { ANSWER_DETAILS_BYTES_MAX, SCAN_RUNS_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { DomainError, invalidField } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { matchesRun } from '#shared/flow-run/flow-run-filter.ts'
import { type FlowRunSort, sortRuns } from '#shared/flow-run/flow-run-sort.ts'
import { lightRun } from '#shared/flow-run/light-run.ts'
import { chooseSource, defaultSort } from '#shared/flow-run/run-source.ts'
import { isInScope, type ScopeFilters } from '#shared/flow-run/scope.ts'
import { getSizedRuns, type SizedRun } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listRunIds } from './list-run-ids.ts'
import { queueNamesOf } from './queue-names.ts'
import { resolveRunIds } from './resolve-run-ids.ts'
import { resolveScope } from './resolve-scope.ts'

export interface RunQuery {
  filters: ScopeFilters
  sort?: FlowRunSort | undefined
  offset: number
  limit: number
}

/** Runs read at a time. The first batch is a page's worth, the next ones are as large as a few parallel reads. */
const BATCH_RUNS = { first: 50, next: 400 }

/** Details of more bytes are not held while runs are sorted, but read again for the page. */
const HELD_DETAIL_BYTES = 10_000

/**
 * Lists runs. In the order of an index it reads no further than the page; any other order means reading all that match
 * first. Raises invalid when that would take more than SCAN_RUNS_MAX runs, and when the page is more than fits an answer:
 * a shorter one would look like the last.
 */
export async function listFlowRuns(deps: Deps, query: RunQuery): Promise<FlowRun[]> {
  const { filters, offset, limit } = query
  if (limit === 0) return []
  const { runs: found, sort, sorted } = await openSource(deps, filters, query.sort)
  if (sorted) return await firstPage(found, offset, limit)
  const held: FlowRun[] = []
  const large = new Set<string>()
  for await (const { run, detailBytes } of found) {
    if (detailBytes > HELD_DETAIL_BYTES) large.add(run.id)
    held.push(detailBytes > HELD_DETAIL_BYTES ? lightRun(run) : run)
  }
  const page = sortRuns(held, sort).slice(offset, offset + limit)
  const again = page.filter(({ id }) => large.has(id)).map(({ id }) => id)
  const whole = await firstPage(flatten(getSizedRuns(deps.table, again)), 0, limit)
  const wholeById = new Map(whole.map((run) => [run.id, run]))
  // One that was deleted since is left out.
  return page.flatMap((run) => (large.has(run.id) ? (wholeById.get(run.id) ?? []) : run))
}

/**
 * The requested number of runs from `offset` on, of runs that come in order. Raises invalid past what fits an answer.
 */
async function firstPage(found: AsyncGenerator<SizedRun>, offset: number, limit: number): Promise<FlowRun[]> {
  const runs: FlowRun[] = []
  let [passed, bytes] = [0, 0]
  for await (const { run, detailBytes } of found) {
    passed += 1
    if (passed <= offset) continue
    bytes += detailBytes
    if (bytes > ANSWER_DETAILS_BYTES_MAX) throw tooLarge(runs.length)
    runs.push(run)
    if (runs.length >= limit) break
  }
  return runs
}

function tooLarge(fitting: number): DomainError {
  const most = ANSWER_DETAILS_BYTES_MAX.toLocaleString('en')
  const msg = `these flow runs exceed the ${most} bytes of a response; request at most ${fitting}`
  return invalidField(['body', 'limit'], msg)
}

async function* flatten<T>(groups: AsyncGenerator<T[]>): AsyncGenerator<T> {
  for await (const group of groups) yield* group
}

/** Counts runs. Raises invalid when more than SCAN_RUNS_MAX would have to be looked at. */
export async function countFlowRuns(deps: Deps, filters: ScopeFilters): Promise<number> {
  const { runs } = await openSource(deps, filters)
  let count = 0
  for await (const _ of runs) count += 1
  return count
}

/** The ids of those of these runs that match. Raises invalid past SCAN_RUNS_MAX. */
export async function matchingRunIds(
  deps: Deps,
  runIds: ReadonlySet<string>,
  filters: ScopeFilters,
): Promise<Set<string>> {
  const { runs } = await openSource(deps, filters, undefined, runIds)
  const ids = new Set<string>()
  for await (const { run } of runs) ids.add(run.id)
  return ids
}

/** The flows, or the deployments, that have a run which matches. Raises invalid past SCAN_RUNS_MAX. */
export async function idsOfRuns(
  deps: Deps,
  filters: ScopeFilters,
  member: 'flowId' | 'deploymentId',
): Promise<Set<string | null>> {
  const { runs } = await openSource(deps, filters)
  const ids = new Set<string | null>()
  for await (const { run } of runs) ids.add(run[member])
  return ids
}

/** The runs that match, the sort that counts, and whether they come in it; with `among`, none but those. */
async function openSource(
  deps: Deps,
  filters: ScopeFilters,
  wanted?: FlowRunSort,
  among?: ReadonlySet<string>,
): Promise<{ runs: AsyncGenerator<SizedRun>; sort: FlowRunSort; sorted: boolean }> {
  const { flow_runs: filter = {}, task_runs: tasks, ...others } = filters
  const [places, led] = await Promise.all([resolveScope(deps, others), resolveRunIds(deps, filter, tasks)])
  const runIds = led && among ? new Set([...among].filter((id) => led.has(id))) : (led ?? among)
  const scope = { ...places, runIds }
  const source = chooseSource(filter, scope)
  const sort = wanted ?? defaultSort(source)
  const listed = await listRunIds(deps, source, sort)
  const now = deps.clock.now()
  const asksName = filter.work_queue_name !== undefined
  async function* runs() {
    for await (const batch of readBatches(deps, listed.runIds)) {
      const all = batch.map(({ run }) => run)
      const queues = asksName ? await queueNamesOf(deps, all) : new Map<string, { name: string }>()
      const wantedOnes = runIds ? batch.filter(({ run }) => runIds.has(run.id)) : batch
      yield* wantedOnes.filter(({ run }) => isInScope(run, scope) && matchesRun(run, filter, { now, queues }))
    }
  }
  return { runs: runs(), sort, sorted: listed.sort === sort }
}

async function* readBatches(deps: Deps, runIds: AsyncGenerator<string>): AsyncGenerator<SizedRun[]> {
  let read = 0
  let batch: string[] = []
  for await (const runId of runIds) {
    batch.push(runId)
    if (batch.length < (read === 0 ? BATCH_RUNS.first : BATCH_RUNS.next)) continue
    read += batch.length
    yield* getSizedRuns(deps.table, batch)
    batch = []
    if (read > SCAN_RUNS_MAX) throw tooMany()
  }
  if (batch.length > 0) yield* getSizedRuns(deps.table, batch)
}

function tooMany(): DomainError {
  const most = SCAN_RUNS_MAX.toLocaleString('en')
  return new DomainError(
    'too_broad',
    `More than ${most} flow runs would have to be read; narrow the filter by flow_runs.id, deployments, ` +
      'flow_runs.expected_start_time or a state that has not ended.',
  )
}
