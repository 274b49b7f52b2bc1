import { lineOfSort, readyPhase, readySort } from '../flow-run/phase.ts'
import { type Instant, NEVER } from '../instant.ts'
import type { Item } from './expression.ts'
import { queryPage } from './query.ts'
import { PHASE_INDEX, type Table } from './table.ts'

/** A run as the phase index shows it: a hint, since the index may lag behind the run's own item. */
export interface PhaseEntryRow {
  runId: string
  sort: string
  generation: number
  deploymentId: string | null
  queueId: string | null
}

export interface PhaseRange {
  phase: string
  /** Bounds of the sort key, both included. */
  from?: string
  to?: string
  limit: number
  descending?: boolean
  after?: Item
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
  ready: { poolId: string | null; line: string; dueAfter?: Instant; dueBefore: Instant; limit: number; after?: Item },
): Promise<{ rows: PhaseEntryRow[]; after: Item | undefined }> {
  const { poolId, line, dueAfter = 0, dueBefore, limit, after } = ready
  const [from, to] = [readySort(line, dueAfter), readySort(line, dueBefore)]
  return await listPhase(table, { phase: readyPhase(poolId), from, to, limit, after })
}

/**
 * The lines of a pool that have waiting runs, each with its earliest: one small read a line, by skipping over each
 * line's runs. Stops after `linesMax` lines; `complete` says whether those are all.
 */
export async function listReadyLines(
  table: Table,
  poolId: string | null,
  linesMax: number,
): Promise<{ lines: { line: string; first: PhaseEntryRow }[]; complete: boolean }> {
  const lines: { line: string; first: PhaseEntryRow }[] = []
  let from: string | undefined
  while (lines.length < linesMax) {
    const { rows } = await listPhase(table, { phase: readyPhase(poolId), from, limit: 1 })
    const first = rows[0]
    if (!first) return { lines, complete: true }
    const line = lineOfSort(first.sort)
    lines.push({ line, first })
    from = readySort(line, NEVER) + LAST
  }
  return { lines, complete: false }
}

function decodeRow(item: Record<string, unknown>): PhaseEntryRow {
  return {
    runId: String(item.pk).slice('run#'.length),
    sort: String(item.phaseSort),
    generation: item.generation as number,
    deploymentId: (item.deploymentId as string | undefined) ?? null,
    queueId: (item.queueId as string | undefined) ?? null,
  }
}
