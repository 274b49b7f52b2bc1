import { PAGE_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { lightRun } from '#shared/flow-run/light-run.ts'
import { activePhase, blockedPhase, instantOfSort, parseBlockedSort, readyPhase } from '#shared/flow-run/phase.ts'
import { type Instant, NEVER } from '#shared/instant.ts'
import { type LimitKey, queueLimit, refusalOf } from '#shared/limit/limit.ts'
import { getSizedRuns } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listPhase, type PhaseEntryRow } from '#shared/storage/flow-run/list-phase.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { listLineIds } from '#shared/storage/work-pool/list-pool-lines.ts'
import { type QueueFilter, takesDeployment, takesRun } from '#shared/work-queue/queue-filter.ts'
import { getFittingRuns } from './get-fitting-runs.ts'

/** Runs of a pool, waiting or held, that one poll looks at. */
const LOOKED_MAX = 2_000

export interface FilteredRunsQuery {
  queueId: string
  filter: QueueFilter
  scheduledBefore?: Instant | undefined
  limit?: number | undefined
}

/**
 * The waiting runs that a queue names by their tags and deployments, wherever they wait, earliest due first. As in
 * Prefect, the queue's limit is held against those of them that are started or starting, and other pollers may get in
 * between: the slots that a claim takes are those of the queue that holds the run. A pool that has more runs waiting
 * than LOOKED_MAX is not looked through to its end.
 */
export async function listFilteredRuns(deps: Deps, search: FilteredRunsQuery): Promise<FlowRun[]> {
  const { queueId, filter, scheduledBefore = NEVER, limit = PAGE_MAX } = search
  const key = queueLimit(queueId)
  const own = (await getLimits(deps.table, [key])).get(key)
  if (!own || own.paused || own.deleting) return []
  const poolIds = await listLineIds(deps.table)
  const held = own.limit === null ? [] : await runsOf(deps, await rowsIn(deps, poolIds.map(activePhase)), filter, NEVER)
  const started = held.filter(({ state }) => state.type === 'PENDING' || state.type === 'RUNNING')
  const room = own.limit === null ? limit : Math.min(limit, own.limit - started.length)
  if (room <= 0) return []
  const due = (run: FlowRun) => run.nextScheduledStartTime ?? NEVER
  const [ready, blocked] = await Promise.all([
    rowsIn(deps, poolIds.map(readyPhase)),
    rowsIn(deps, poolIds.map(blockedPhase)),
  ])
  const waiting = await runsOf(deps, [...ready, ...(await withRoom(deps, blocked))], filter, scheduledBefore)
  const first = waiting
    .filter(isWaiting)
    .toSorted((a, b) => due(a) - due(b))
    .slice(0, room)
  return await getFittingRuns(
    deps,
    first.map((run) => run.id),
    isWaiting,
  )
}

async function rowsIn(deps: Deps, phases: readonly string[]): Promise<PhaseEntryRow[]> {
  const pages = await Promise.all(phases.map((phase) => listPhase(deps.table, { phase, limit: LOOKED_MAX })))
  return pages.flatMap((page) => page.rows)
}

/** Of runs that wait for limits, those that could be claimed now: nothing else moves them. */
async function withRoom(deps: Deps, rows: readonly PhaseEntryRow[]): Promise<PhaseEntryRow[]> {
  const byLimit = Map.groupBy(rows, ({ sort }): LimitKey => parseBlockedSort(sort).limit)
  const limits = await getLimits(deps.table, [...byLimit.keys()])
  return [...byLimit].flatMap(([key, waiting]) => {
    const limit = limits.get(key)
    // A limit that no longer exists blocks no run.
    if (!limit) return waiting
    return refusalOf(limit) === null ? waiting : []
  })
}

/** The runs that a filter names, without what may be large of them. All phases here are sorted by an instant at their keys' ends. */
async function runsOf(
  deps: Deps,
  all: readonly PhaseEntryRow[],
  filter: QueueFilter,
  before: Instant,
): Promise<FlowRun[]> {
  const rows = all.filter(
    ({ deploymentId, sort }) => takesDeployment(filter, deploymentId) && instantOfSort(sort) <= before,
  )
  const taken: FlowRun[] = []
  const ids = rows.map((row) => row.runId)
  for await (const group of getSizedRuns(deps.table, ids)) {
    taken.push(...group.flatMap(({ run }) => (takesRun(filter, run) ? lightRun(run) : [])))
  }
  return taken
}
