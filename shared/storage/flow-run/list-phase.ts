import { blockedPhase, blockedSort, readyPhase, readySort } from '#shared/flow-run/phase.ts'
import { type Instant, NEVER } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { queryPage } from '#shared/storage/dynamo/query.ts'
import { PHASE_INDEX, type Table } from '#shared/storage/dynamo/table.ts'

/** A run as the phase index shows it: a hint, since the index may lag behind the run's own item. */
export interface PhaseEntryRow {
  runId: string
  life: string
  sort: string
  generation: number
  deploymentId: string | null
  queueId: string | null
}

export interface PhaseRange {
  phase: string
  /** Bounds of the sort key, both included. */
  from?: string | undefined
  to?: string
  limit: number
  descending?: boolean
  after?: Item | undefined
}

/** Sorts after every key that is made of letters, digits, `#` and `-`. */
const LAST = '~'

/** Reads one page of a phase in the order of its sort key. */
export async function listPhase(
  table: Table,
  range: PhaseRange,
): Promise<{ rows: PhaseEntryRow[]; after: Item | undefined }> {
  const { phase, from = '0', to = LAST, limit, descending, after } = range
  const page = await queryPage(table, {
    index: PHASE_INDEX,
    keyCondition: '#phase = :phase AND #phaseSort BETWEEN :from AND :to',
    values: { phase, from, to },
    limit,
    descending,
    after,
  })
  return { rows: page.items.map(decodeRow), after: page.after }
}

/** Reads the runs of one line (a queue, or a served deployment) that are due, oldest first. */
export async function listReady(
  table: Table,
  ready: {
    poolId: string | null
    line: string
    dueAfter?: Instant | undefined
    dueBefore: Instant
    limit: number
    after?: Item | undefined
  },
): Promise<{ rows: PhaseEntryRow[]; after: Item | undefined }> {
  const { poolId, line, dueAfter = 0, dueBefore, limit, after } = ready
  // DynamoDB takes no range that ends before it begins.
  if (dueAfter > dueBefore) return { rows: [], after: undefined }
  const [from, to] = [readySort(line, dueAfter), readySort(line, dueBefore)]
  return await listPhase(table, { phase: readyPhase(poolId), from, to, limit, after })
}

/** Reads runs that wait for a limit in a pool, by line and then due time; `after` skips a line and all before it. */
export async function listBlocked(
  table: Table,
  blocked: { poolId: string | null; limitKey: LimitKey; after?: string | undefined; limit: number },
): Promise<{ rows: PhaseEntryRow[]; after: Item | undefined }> {
  const { poolId, limitKey, after: line, limit } = blocked
  const from = line === undefined ? `${limitKey}#` : blockedSort(limitKey, line, NEVER) + LAST
  return await listPhase(table, { phase: blockedPhase(poolId), from, to: `${limitKey}#${LAST}`, limit })
}

function decodeRow(item: Record<string, unknown>): PhaseEntryRow {
  return {
    runId: String(item.pk).slice('run#'.length),
    life: String(item.life),
    sort: String(item.phaseSort),
    generation: item.generation as number,
    deploymentId: (item.deploymentId as string | undefined) ?? null,
    queueId: (item.queueId as string | undefined) ?? null,
  }
}
