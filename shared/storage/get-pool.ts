import { poolIdOf, type WorkPool } from '../work-pool/work-pool.ts'
import { getItem } from './get-item.ts'
import { decodePool } from './pool-codec.ts'
import { poolKey, type Table } from './table.ts'

/** Reads a pool, consistently; undefined when there is none. */
export async function getPool(table: Table, poolId: string): Promise<WorkPool | undefined> {
  const item = await getItem(table, poolKey(poolId))
  return item && decodePool(item)
}

/** Reads a pool by its name, consistently; undefined when there is none. */
export async function getPoolByName(table: Table, name: string): Promise<WorkPool | undefined> {
  return await getPool(table, poolIdOf(name))
}
