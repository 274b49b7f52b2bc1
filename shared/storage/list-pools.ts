import type { WorkPool } from '../work-pool/work-pool.ts'
import { decodePool } from './pool-codec.ts'
import { queryAll } from './query.ts'
import { poolKey, type Table } from './table.ts'

/** Reads every pool, by name. Consistently, unless half the price is worth missing a pool that was made just now. */
export async function listPools(table: Table, consistent = true): Promise<WorkPool[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: poolKey('').pk }, consistent })
  return items.map(decodePool).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
