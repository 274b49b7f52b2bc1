import type { Deps } from '#shared/deps.ts'
import { LATER_LINE, lineOf } from '#shared/flow-run/phase.ts'
import { type Limit, type LimitKey, poolLimit, queueLimit } from '#shared/limit/limit.ts'
import { listReady, type PhaseEntryRow } from '#shared/storage/flow-run/list-phase.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { blockedRows, HINTS_AT_ONCE, type HintedLimit, stillHinted } from './blocked-rows.ts'
import { candidateOf, isDue, type ListedWork, listWork, QUEUES_AT_ONCE, type WorkQuery } from './list-work.ts'
import { LookReads } from './look-reads.ts'
import { type LinesOfPool, linesOf, orderedQueues, type QueueInLine } from './queues-with-work.ts'
import { forgetQueues, rememberedQueues, rememberQueues } from './remembered-queues.ts'
import { blockedElsewhere, laterElsewhere } from './rows-elsewhere.ts'

export interface PoolSearch extends WorkQuery {
  /** Only these queues, in order of priority; all of the pool's when left out. */
  queues?: readonly { id: string }[] | undefined
  /** Reads which limits may have room for runs that wait for them. */
  readHinted?: () => Promise<readonly HintedLimit[]>
  /** Queues that another look just now found closed, or without work. */
  passed?: ReadonlySet<string>
  /** Whether queues must be looked up, even if there are many. */
  fresh?: boolean | undefined
}

export interface PoolWork extends ListedWork {
  /** Whether the pool's lines were all seen, and nothing is in them. */
  empty: boolean
  /** The epoch of the pool's limit when the deployments' limits were read. */
  poolEpoch: number
  /** Hinted limits that are worth another look. */
  hinted: HintedLimit[]
  /** Hinted limits that need no other look: they have no room, or nothing waits for them. */
  spent: LimitKey[]
}

/** Reads before a claim, whatever the number of queues and of limits that runs wait for; one more is the pool's. */
const LOOK_READS_MAX = 19
/** Named queues that are read as they are; more are looked up like those of a pool. */
const NAMED_MAX = 4
/** Runs of the later line that a look takes in hand. */
const LATER_ROWS = 100

/** What is known of a pool's lines where its queues are remembered. */
const NO_LINES: LinesOfPool = { queues: [], later: undefined, crowded: false, knownTo: '' }
/** The largest request that a look by what is remembered is for: it may read that many lines. */
const FEW_RUNS = 12
/** Its reads, after which enough are left for another look. */
const FEW_READS = 8

/**
 * Plans what a pool can hand out now, over all of its lines. Where few queues have work they are looked up, whatever the
 * number of queues; where many have, the first few in order of priority will do. So neither a thousand queues nor a full
 * pool makes it slow.
 */
export async function planPoolWork(deps: Deps, search: PoolSearch): Promise<PoolWork> {
  const known =
    search.queues || search.fresh || search.handOutMax > FEW_RUNS ? undefined : rememberedQueues(deps, search.poolId)
  const reads = new LookReads(LOOK_READS_MAX)
  reads.take(1)
  const hints = search.readHinted?.() ?? Promise.resolve([])
  // To follow hints takes all reads of a look.
  if (!known || (await hints).length > 0) return await look(deps, search, hints, reads)
  const quick = await look(deps, search, hints, reads, known)
  if (quick.planned >= search.handOutMax) return quick
  forgetQueues(deps, search.poolId)
  const isCheap = reads.left >= LOOK_READS_MAX - 1 - FEW_READS
  if (!isCheap && quick.planned > 0) return quick
  const full = await look(deps, search, hints, isCheap ? reads : new LookReads(LOOK_READS_MAX))
  return full.planned >= quick.planned ? full : quick
}

async function look(
  deps: Deps,
  search: PoolSearch,
  hints: Promise<readonly HintedLimit[]>,
  reads: LookReads,
  crowd?: readonly QueueInLine[],
): Promise<PoolWork> {
  const { poolId } = search
  const [lines, hinted] = await Promise.all([crowd ? NO_LINES : findLines(deps, search, reads), hints])
  const later = await laterRows(deps, search, lines, reads)
  const followed = hinted.slice(0, HINTS_AT_ONCE)
  const unseen = hinted.slice(HINTS_AT_ONCE)
  if (!crowd && lines.queues.length + later.length + followed.length === 0 && !lines.crowded) {
    return nothingFound(unseen, lines)
  }
  // Where nothing is hinted at, the limits of the first queues are read in the same go as the pool's.
  const early = followed.length > 0 ? [] : await queuesInOrder(deps, search, { lines, others: later, crowd }, reads)
  const firstKeys = early.slice(0, QUEUES_AT_ONCE.first).map(({ id }) => queueLimit(id))
  reads.take(1)
  const limits = await getLimits(deps.table, [poolLimit(poolId), ...firstKeys, ...followed.map(({ limit }) => limit)])
  const seen = await blockedRows(deps, search, followed, limits, reads)
  const blocked = seen.flatMap(({ rows }) => rows).filter((row) => isDue(row, search))
  const others = [...later, ...blocked]
  const queuesOfOthers = new Set(others.map(lineOf))
  const queues = followed.length > 0 ? await queuesInOrder(deps, search, { lines, others, crowd }, reads) : early
  const inHand = {
    queues: queues.filter(({ id }) => !search.passed?.has(id) || queuesOfOthers.has(id)),
    others: [...later.map((row) => candidateOf(row, 'later')), ...blocked.map((row) => candidateOf(row, 'blocked'))],
    queueOf: new Map(others.map((row) => [row.runId, lineOf(row)])),
    limits,
  }
  const work = await listWork(deps, search, inHand, reads)
  if (!crowd && !search.queues) rememberQueues(deps, poolId, queues, work.idle)
  const planned = plannedIds(work)
  const searched = new Set(queues.map(({ id }) => id))
  const elsewhere = blockedElsewhere(seen, searched, planned, limits)
  // What is remembered of a crowd leaves out queues that another look may hand out from.
  const laterOnes = crowd ? [] : laterElsewhere(later, searched, { fill: LATER_ROWS, now: deps.clock.now() })
  const again = stillHinted(seen, { planned, unreached: new Set(work.unreached) })
  const left = new Set([...again.map(({ limit }) => limit), ...elsewhere.left])
  return {
    ...work,
    empty: false,
    moved: [...work.moved, ...elsewhere.moved, ...laterOnes],
    poolEpoch: epochOf(limits, poolId),
    hinted: [...unseen, ...again],
    spent: followed.map(({ limit }) => limit).filter((limit) => !left.has(limit)),
  }
}

function nothingFound(hinted: HintedLimit[], { later }: LinesOfPool): PoolWork {
  const plan = { batches: [], parked: [], moved: [], waits: [] }
  const empty = later?.length === 0
  return { ...plan, empty, planned: 0, passed: [], idle: [], unreached: [], poolEpoch: 0, hinted, spent: [] }
}

/** The runs that a plan would hand out. */
function plannedIds({ batches }: Pick<PoolWork, 'batches'>): Set<string> {
  return new Set(batches.flatMap(({ runs }) => runs.map((run) => run.runId)))
}

function epochOf(limits: ReadonlyMap<LimitKey, Limit>, poolId: string): number {
  return limits.get(poolLimit(poolId))?.epoch ?? 0
}

async function findLines(deps: Deps, { poolId, queues, fresh }: PoolSearch, reads: LookReads): Promise<LinesOfPool> {
  if (!queues || queues.length > NAMED_MAX) return await linesOf(deps, poolId, reads)
  // Where little waits one read shows all of it: no queue need be read, nor its limits where nothing is in it.
  const lines = fresh ? await linesOf(deps, poolId, reads, 1) : undefined
  if (lines && !lines.crowded) return lines
  return { queues: queues.map(({ id }) => ({ id })), later: undefined, crowded: false, knownTo: '' }
}

/** Due runs that were due much later when they were written, of the queues that are searched. */
async function laterRows(
  deps: Deps,
  search: PoolSearch,
  { later }: LinesOfPool,
  reads: LookReads,
): Promise<PhaseEntryRow[]> {
  const { poolId, dueAfter, dueBefore, lost } = search
  const known = later?.filter((row) => isDue(row, search))
  if (!known) reads.take(1)
  const limit = LATER_ROWS + (lost?.size ?? 0)
  const rows = known ?? (await listReady(deps.table, { poolId, line: LATER_LINE, dueAfter, dueBefore, limit })).rows
  return rows.filter(({ runId }) => !lost?.has(runId))
}

interface Found {
  lines: LinesOfPool
  /** Runs in other lines than their queue's. */
  others: readonly PhaseEntryRow[]
  crowd: readonly QueueInLine[] | undefined
}

async function queuesInOrder(
  deps: Deps,
  { poolId, queues: named }: PoolSearch,
  { lines, others, crowd }: Found,
  reads: LookReads,
): Promise<readonly QueueInLine[]> {
  if (crowd) return crowd
  if (named) {
    const known = new Map(lines.queues.map((queue) => [queue.id, queue]))
    const hasWork = new Set([...known.keys(), ...others.map(lineOf)])
    const mayHave = named.filter(({ id }) => hasWork.has(id) || (lines.crowded && id > lines.knownTo))
    return mayHave.map(({ id }) => known.get(id) ?? { id })
  }
  return await orderedQueues(deps, poolId, lines, others, reads)
}
