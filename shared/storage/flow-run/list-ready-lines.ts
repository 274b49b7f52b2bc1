import { LATER_LINE, lineOfSort, readyPhase, readySort } from '#shared/flow-run/phase.ts'
import { NEVER } from '#shared/instant.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { listPhase, type PhaseEntryRow } from './list-phase.ts'

/** A line with its earliest run. */
export interface ReadyLine {
  line: string
  first: PhaseEntryRow
  /** All its runs, where the look for lines happened to come across all of them. */
  all: PhaseEntryRow[] | undefined
}

export interface ReadyLines {
  /** Those of queues, or of served deployments. */
  lines: ReadyLine[]
  /** The line of runs that were due much later when they were written. */
  later: ReadyLine | undefined
  /** Whether these are all. Otherwise they are all up to the last of them. */
  complete: boolean
  reads: number
}

/** Rows of the first read: as many as fit the 4 KB of one read unit, so that they cost what one row does. */
const ROWS = { first: 12, max: 800 }
/** Where a read shows several short lines, the next one takes more of them. */
const GROWTH = 4

/** The reads that one look for lines may take. */
export const LINE_READS_MAX = 6

/** Sorts after every key that is made of letters, digits, `#` and `-`. */
const LAST = '~'

/**
 * The lines of a pool that have waiting runs, found by skipping from one to the next: one read for several short lines,
 * or for a long one, the rest of which is skipped.
 */
export async function listReadyLines(
  table: Table,
  poolId: string | null,
  readsMax = LINE_READS_MAX,
): Promise<ReadyLines> {
  const lines: ReadyLine[] = []
  let complete = false
  let reads = 0
  let limit = ROWS.first
  let from: string | undefined
  while (!complete && reads < readsMax) {
    const { rows, after } = await listPhase(table, { phase: readyPhase(poolId), from, limit })
    reads += 1
    const found = [...Map.groupBy(rows, (row) => lineOfSort(row.sort))].flatMap(([line, all]): ReadyLine[] => {
      return all[0] ? [{ line, first: all[0], all }] : []
    })
    lines.push(...found)
    const last = lines.at(-1)
    if (after && last) {
      last.all = undefined
      from = readySort(last.line, NEVER) + LAST
    }
    complete = !after || last?.line === LATER_LINE
    limit = found.length > 1 ? Math.min(ROWS.max, GROWTH * limit) : ROWS.first
  }
  const later = lines.at(-1)?.line === LATER_LINE ? lines.pop() : undefined
  return { lines, later, complete, reads }
}
