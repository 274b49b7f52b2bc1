import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { poolLinesKey, type Table } from '#shared/storage/dynamo/table.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'
import { decodePoolLines } from './pool-lines-codec.ts'

/**
 * Reads the pools that may have lines, deleted ones too; some thirty fit one read unit. Consistently, unless half the
 * price is worth missing a pool created just now.
 */
export async function listPoolLines(table: Table, consistent = true): Promise<PoolLines[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: poolLinesKey('').pk }, consistent })
  return items.map(decodePoolLines)
}

/** The ids of the pools that may have lines, and null for the lines of runs without a pool. */
export async function listLineIds(table: Table): Promise<(string | null)[]> {
  return [null, ...(await listPoolLines(table)).map((lines) => lines.id)]
}

/** Reads what is known of one pool's lines; undefined when there are none. */
export async function getPoolLines(table: Table, poolId: string): Promise<PoolLines | undefined> {
  const item = await getItem(table, poolLinesKey(poolId))
  return item && decodePoolLines(item)
}
