import { CANDIDATES_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { instantOfSort } from '#shared/flow-run/phase.ts'
import type { Instant } from '#shared/instant.ts'
import { deploymentLimit, type Limit, type LimitKey, poolLimit, queueLimit, refusalOf } from '#shared/limit/limit.ts'
import { listReady, type PhaseEntryRow } from '#shared/storage/flow-run/list-phase.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { type Candidate, type DispatchPlan, type PlannedQueue, planDispatch } from '#shared/work-pool/dispatch-plan.ts'
import type { LookReads } from './look-reads.ts'
import type { QueueInLine } from './queues-with-work.ts'

export interface WorkQuery {
  poolId: string
  dueAfter?: Instant | undefined
  dueBefore: Instant
  handOutMax: number
  /** Runs to read beyond those, in place of ones that turn out to be blocked; some by default. */
  spare?: number | undefined
  /** Runs that the index may still show although they are taken. */
  lost?: ReadonlySet<string>
}

/** What a look has in hand before it reads the lines of queues. */
export interface WorkInHand {
  /** In order of priority. */
  queues: readonly QueueInLine[]
  /** Runs that wait in other lines than their queue's. */
  others: readonly Candidate[]
  queueOf: ReadonlyMap<string, string>
  /** The pool's limit among them, read before any deployment's: see Limit.epoch. */
  limits: ReadonlyMap<LimitKey, Limit>
}

export interface ListedWork extends DispatchPlan {
  /** How many runs are in the plan. */
  planned: number
  /** Queues that were found closed, or without work: another look at once need not read them again. */
  passed: string[]
  /** Of those, the ones that were paused, or without work. */
  idle: string[]
  /** Queues that this look did not get to. */
  unreached: string[]
}

/** Queues taken at a time: few at first, as those of the highest priority often suffice, then more and more. */
export const QUEUES_AT_ONCE = { first: 2, second: 16, most: 98 }
/** Lines of queues read at a time. */
const LINES_AT_ONCE = 12
/** The default of WorkQuery.spare at most. */
const SPARE_MAX = CANDIDATES_MAX / 2
const KEYS_AT_ONCE = 100
/** With fewer reads left than two groups take, the first is a large one. */
const FEW_READS = 6

/**
 * Goes through queues in order of priority until there is enough work to hand out, and plans it. A queue without room is
 * not read at all, so a long backlog in it costs nothing.
 */
export async function listWork(
  deps: Deps,
  search: WorkQuery,
  inHand: WorkInHand,
  reads: LookReads,
): Promise<ListedWork> {
  const { poolId, handOutMax } = search
  const now = deps.clock.now()
  const { queues } = inHand
  const others = Map.groupBy(inHand.others, ({ runId }) => inHand.queueOf.get(runId) ?? '')
  const read: PlannedQueue[] = []
  const passed: string[] = []
  const idle: string[] = []
  const asked = new Set<LimitKey>()
  let limits = new Map(inHand.limits)
  if (isShut(limits.get(poolLimit(poolId)))) {
    const known = queues.map(({ id }) => ({ queueId: id, candidates: others.get(id) ?? [] }))
    return {
      ...planDispatch({ poolId, queues: known, limits, handOutMax, now }),
      planned: 0,
      passed,
      idle,
      unreached: [],
    }
  }
  let result = planned(planDispatch({ poolId, queues: read, limits, handOutMax, now }))
  let at = 0
  for (let group = 0; at < queues.length; group += 1) {
    // A group takes one read for its limits, one for a line, and one for the limits of the deployments found there.
    if (reads.left < 3) break
    const some = queues.slice(at, at + groupSize(group, reads))
    const unknown = some.map(({ id }) => queueLimit(id)).filter((key) => !limits.has(key))
    if (unknown.length > 0) reads.take(1)
    limits = new Map([...limits, ...(await getLimits(deps.table, unknown))])
    const { lines, end } = readable(some, limits, reads)
    const rows = new Map(
      await Promise.all(lines.map(async ({ id }) => [id, await readLine(deps, search, id)] as const)),
    )
    const found = some.slice(0, end).map((queue): PlannedQueue => {
      const own = (queue.waiting ?? rows.get(queue.id) ?? []).filter((row) => isDue(row, search))
      const left = own.filter(({ runId }) => !search.lost?.has(runId))
      // Of a closed line one run says that some wait.
      const candidates = left.slice(0, isClosed(queue.id, limits) ? 1 : wanted(search))
      const rest = (others.get(queue.id) ?? []).filter(({ runId }) => !search.lost?.has(runId))
      const all = eachOnce([...candidates.map((row) => candidateOf(row, 'queue')), ...rest])
      return { queueId: queue.id, candidates: all.toSorted((a, b) => a.due - b.due) }
    })
    const isKnown = (key: LimitKey) => limits.has(key) || asked.has(key)
    const { affordable, whole } = within(found, isKnown, KEYS_AT_ONCE * Math.max(1, reads.left))
    read.push(...affordable)
    for (const { queueId, candidates } of found.slice(0, whole)) {
      if (candidates.length === 0 || isClosed(queueId, limits)) passed.push(queueId)
      const isPaused = limits.get(queueLimit(queueId))?.paused
      if (isPaused || (candidates.length === 0 && !isClosed(queueId, limits))) idle.push(queueId)
    }
    at += whole
    limits = await withDeployments(deps, read, { limits, asked }, reads)
    result = planned(planDispatch({ poolId, queues: read, limits, handOutMax, now }))
    const poolLeft = (limits.get(poolLimit(poolId))?.available ?? 0) - result.count
    if (result.count >= handOutMax || poolLeft <= 0 || limits.get(poolLimit(poolId))?.paused) break
    if (end === 0 || whole < found.length) break
  }
  return { ...result.plan, planned: result.count, passed, idle, unreached: queues.slice(at).map(({ id }) => id) }
}

/** A run that moved while it was looked for, or that the index shows late, may be in two lines. */
function eachOnce(candidates: readonly Candidate[]): Candidate[] {
  return [...new Map(candidates.map((candidate) => [candidate.runId, candidate])).values()]
}

function groupSize(group: number, reads: LookReads): number {
  const { first, second, most } = QUEUES_AT_ONCE
  if (reads.left < FEW_READS) return most
  return group === 0 ? first : group === 1 ? second : most
}

function planned(plan: DispatchPlan): { plan: DispatchPlan; count: number } {
  return { plan, count: plan.batches.reduce((sum, batch) => sum + batch.runs.length, 0) }
}

/** Which lines of these queues to read now, and how many of the queues are done with then. */
function readable(queues: readonly QueueInLine[], limits: ReadonlyMap<LimitKey, Limit>, reads: LookReads) {
  const unread = queues.filter(({ id, waiting }) => !waiting && !isClosed(id, limits))
  const lines = unread.slice(0, reads.take(Math.min(LINES_AT_ONCE, unread.length, reads.left - 1)))
  const next = unread[lines.length]
  return { lines, end: next ? queues.indexOf(next) : queues.length }
}

function isClosed(queueId: string, limits: ReadonlyMap<LimitKey, Limit>): boolean {
  return isShut(limits.get(queueLimit(queueId)))
}

function isShut(limit: Limit | undefined): boolean {
  return !limit || refusalOf(limit) !== null
}

async function readLine(deps: Deps, search: WorkQuery, line: string): Promise<PhaseEntryRow[]> {
  const { poolId, dueAfter, dueBefore } = search
  return (
    await listReady(deps.table, { poolId, line, dueAfter, dueBefore, limit: wanted(search) + (search.lost?.size ?? 0) })
  ).rows
}

/** Runs of one line that a look can have use for. */
function wanted({ handOutMax, spare = Math.min(handOutMax, SPARE_MAX) }: WorkQuery): number {
  return handOutMax + spare
}

/** Candidates of queues in order, until they are of more deployments than there are reads for; `whole`: queues before that. */
function within(queues: readonly PlannedQueue[], isKnown: (key: LimitKey) => boolean, keysMax: number) {
  const keys = new Set<LimitKey>()
  const isTooMany = ({ deploymentId }: Candidate): boolean => {
    const key = deploymentId === null ? undefined : deploymentLimit(deploymentId)
    if (!key || isKnown(key) || keys.has(key)) return false
    if (keys.size >= keysMax) return true
    keys.add(key)
    return false
  }
  for (const [whole, { queueId, candidates }] of queues.entries()) {
    const cut = candidates.findIndex(isTooMany)
    if (cut < 0) continue
    return { affordable: [...queues.slice(0, whole), { queueId, candidates: candidates.slice(0, cut) }], whole }
  }
  return { affordable: queues, whole: queues.length }
}

async function withDeployments(
  deps: Deps,
  queues: readonly PlannedQueue[],
  { limits, asked }: { limits: ReadonlyMap<LimitKey, Limit>; asked: Set<LimitKey> },
  reads: LookReads,
): Promise<Map<LimitKey, Limit>> {
  const deployments = queues.flatMap(({ candidates }) => candidates.flatMap(({ deploymentId }) => deploymentId ?? []))
  const keys = [...new Set(deployments)].map(deploymentLimit)
  const unread = keys.filter((key) => !limits.has(key) && !asked.has(key))
  for (const key of unread) asked.add(key)
  reads.take(Math.ceil(unread.length / KEYS_AT_ONCE))
  return new Map([...limits, ...(await getLimits(deps.table, unread))])
}

/** Whether a run is due within the bounds of a search. */
export function isDue(
  row: PhaseEntryRow,
  { dueAfter = 0, dueBefore }: Pick<WorkQuery, 'dueAfter' | 'dueBefore'>,
): boolean {
  const due = instantOfSort(row.sort)
  return due >= dueAfter && due <= dueBefore
}

/** A row of the index as a candidate. */
export function candidateOf(
  { runId, life, generation, deploymentId, sort }: PhaseEntryRow,
  line: Candidate['line'],
): Candidate {
  return { runId, life, generation, deploymentId, due: instantOfSort(sort), line }
}
