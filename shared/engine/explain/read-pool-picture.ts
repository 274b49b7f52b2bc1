import type { Deps } from '#shared/deps.ts'
import { candidateOf } from '#shared/engine/dispatch/list-work.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { LATER_LINE, lineOf } from '#shared/flow-run/phase.ts'
import type { Instant } from '#shared/instant.ts'
import { deploymentLimit, type Limit, type LimitKey, poolLimit, queueLimit, refusalOf } from '#shared/limit/limit.ts'
import { listBlockedLimits } from '#shared/storage/flow-run/list-blocked-limits.ts'
import { listBlocked, listReady, type PhaseEntryRow } from '#shared/storage/flow-run/list-phase.ts'
import { listReadyLines } from '#shared/storage/flow-run/list-ready-lines.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import type { Candidate, PlannedQueue } from '#shared/work-pool/dispatch-plan.ts'
import type { PoolPicture } from '#shared/work-pool/find-obstacles.ts'

/** Runs ahead are counted up to here. */
export const AHEAD_MAX = 1_000
/** Rows read of one line: enough to know that there are more. */
const ROWS = AHEAD_MAX + 1
/** Reads for lines of queues, and lines read side by side. */
const LINE_READS = 20
/** Reads for the limits that runs wait for, and such limits with room that are followed. */
const LIMIT_READS = 20
const OPEN_LIMITS = 50
const LINES_AT_ONCE = 8

/**
 * Reads what decides when these runs of one pool start: what waits there and is due, and every limit that it needs, each
 * once. Runs that are not due yet are taken as if they were.
 */
export async function readPoolPicture(
  deps: Deps,
  poolId: string,
  runs: readonly FlowRun[],
  now: Instant,
): Promise<PoolPicture> {
  const queues = (await listQueues(deps.table, poolId)).toSorted((a, b) => a.priority - b.priority)
  const asked = new Set(runs.map(lineOf))
  // Those that no longer exist come last, and their runs are in order all the same.
  const gone = [...asked].filter((line) => queues.every(({ id }) => id !== line))
  const last = gone.length > 0 ? queues.length - 1 : queues.findLastIndex(({ id }) => asked.has(id))
  const before = [...queues.slice(0, last + 1).map(({ id }) => id), ...gone]
  const places = await getLimits(deps.table, [poolLimit(poolId), ...[...before, ...asked].map(queueLimit)])
  const roomIn = (id: string) => (asked.has(id) ? Infinity : roomOf(places.get(queueLimit(id))))
  const [ready, blocked] = await Promise.all([
    // Whatever is in the way of the run itself is taken away, but no other queue's pause.
    readyRows(deps, { poolId, queueIds: before.filter((id) => roomIn(id) > 0), roomIn }, now),
    blockedRows(deps, poolId, runs, now),
  ])
  const rows = [...ready, ...blocked.map((row) => candidateOf(row, 'blocked'))]
  const lines = new Map([...ready, ...blocked].map((row) => [row.runId, lineOf(row)]))
  for (const run of runs) {
    if (!lines.has(run.id)) rows.push(asCandidate(run))
    lines.set(run.id, lineOf(run))
  }
  const deployments = rows.flatMap(({ deploymentId }) => (deploymentId === null ? [] : [deploymentLimit(deploymentId)]))
  const ids = [...new Set([...before, ...asked])]
  const limits = new Map([...places, ...(await getLimits(deps.table, deployments))])
  return { poolId, limits, now, queues: planned(ids, rows, lines) }
}

type ReadyRow = Candidate & { queueId: string | null }

function roomOf(limit: Limit | undefined): number {
  return limit && refusalOf(limit) === null ? limit.available : 0
}

interface Ahead {
  poolId: string
  /** In order of priority. */
  queueIds: readonly string[]
  /** How many runs of a queue may start. */
  roomIn: (queueId: string) => number
}

/** Due runs of these queues, in their own lines and in that of runs that were due much later. */
async function readyRows(deps: Deps, { poolId, queueIds, roomIn }: Ahead, now: Instant): Promise<ReadyRow[]> {
  const found = await listReadyLines(deps.table, poolId, LINE_READS)
  const known = new Map(found.lines.map((line) => [line.line, line.all]))
  const knownTo = found.complete ? '~' : (found.lines.at(-1)?.line ?? '')
  const rows: ReadyRow[] = []
  const add = (some: readonly PhaseEntryRow[], line: Candidate['line']) => {
    rows.push(
      ...some.map((row) => ({ ...candidateOf(row, line), queueId: row.queueId })).filter(({ due }) => due <= now),
    )
  }
  for (const id of queueIds) add(known.get(id) ?? [], 'queue')
  const unread = queueIds.filter((id) => (known.has(id) ? !known.get(id) : id > knownTo))
  let ahead = 0
  for (let at = 0; at < unread.length && ahead <= AHEAD_MAX; at += LINES_AT_ONCE) {
    const some = unread.slice(at, at + LINES_AT_ONCE)
    const pages = await Promise.all(
      some.map((line) => listReady(deps.table, { poolId, line, dueBefore: now, limit: ROWS })),
    )
    for (const page of pages) add(page.rows, 'queue')
    ahead += pages.reduce((sum, page, n) => sum + Math.min(page.rows.length, roomIn(some[n] ?? '')), 0)
  }
  const later = await listReady(deps.table, { poolId, line: LATER_LINE, dueBefore: now, limit: ROWS })
  add(later.rows, 'later')
  return rows
}

/** Due runs that wait for limits: those of the runs that are asked about, and others that have room. */
async function blockedRows(
  deps: Deps,
  poolId: string,
  runs: readonly FlowRun[],
  now: Instant,
): Promise<PhaseEntryRow[]> {
  const own = new Set(
    runs.flatMap(({ deploymentId }) => (deploymentId === null ? [] : [deploymentLimit(deploymentId)])),
  )
  const found = await listBlockedLimits(deps.table, poolId, { after: undefined, readsMax: LIMIT_READS })
  const others = await openOf(
    deps,
    found.limits.filter((key) => !own.has(key)),
  )
  const pages = await Promise.all(
    [...own, ...others].map((limitKey) => listBlocked(deps.table, { poolId, limitKey, limit: ROWS })),
  )
  return pages.flatMap(({ rows }) => rows).filter((row) => candidateOf(row, 'blocked').due <= now)
}

/** Those of these limits that have room; one that no longer exists blocks no run. */
async function openOf(deps: Deps, keys: readonly LimitKey[]): Promise<LimitKey[]> {
  const limits = await getLimits(deps.table, keys)
  const open = keys.filter((key) => !limits.has(key) || roomOf(limits.get(key)) > 0)
  return open.slice(0, OPEN_LIMITS)
}

function asCandidate({ id, life, generation, deploymentId, blockedBy, ...run }: FlowRun): Candidate {
  const due = run.nextScheduledStartTime ?? run.expectedStartTime
  return { runId: id, life, generation, deploymentId, due, line: blockedBy ? 'blocked' : 'queue' }
}

/** The queues in order, each with its candidates by due time. A queue that no longer exists comes last. */
function planned(
  queueIds: readonly string[],
  rows: readonly Candidate[],
  lines: ReadonlyMap<string, string>,
): PlannedQueue[] {
  const byLine = Map.groupBy(rows, ({ runId }) => lines.get(runId) ?? '')
  return queueIds.map((queueId) => {
    return { queueId, candidates: (byLine.get(queueId) ?? []).toSorted((a, b) => a.due - b.due) }
  })
}
