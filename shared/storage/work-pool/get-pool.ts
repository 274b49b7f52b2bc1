import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { poolKey, type Table } from '#shared/storage/dynamo/table.ts'
import { poolIdOf, type WorkPool } from '#shared/work-pool/work-pool.ts'
import { decodePool } from './pool-codec.ts'

/** Reads a pool, consistently; undefined when there is none. */
export async function getPool(table: Table, poolId: string): Promise<WorkPool | undefined> {
  const item = await getItem(table, poolKey(poolId))
  return item && decodePool(item)
}

/** Reads a pool by its name, consistently; undefined when there is none. */
export async function getPoolByName(table: Table, name: string): Promise<WorkPool | undefined> {
  return await getPool(table, poolIdOf(name))
}
