import type { WorkPool } from '../work-pool/work-pool.ts'
import { decodePool } from './pool-codec.ts'
import { queryAll } from './query.ts'
import { poolKey, type Table } from './table.ts'

/** Reads every pool, by name. */
export async function listPools(table: Table): Promise<WorkPool[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: poolKey('').pk } })
  return items.map(decodePool).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
