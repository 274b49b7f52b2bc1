import { queryAll } from '#shared/storage/dynamo/query.ts'
import { poolKey, type Table } from '#shared/storage/dynamo/table.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { decodePool } from './pool-codec.ts'

/** Reads every pool, by name. Consistently, unless half the price is worth missing a pool created just now. */
export async function listPools(table: Table, consistent = true): Promise<WorkPool[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: poolKey('').pk }, consistent })
  return items.map(decodePool).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
