import { type GlobalLimit, globalLimitKey } from '#shared/limit/global-limit.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { keyOfRow, queryAll } from '#shared/storage/dynamo/query.ts'
import { GLOBAL_LIMITS_LIST_KEY, limitItemKey, type Table, TIME_INDEX } from '#shared/storage/dynamo/table.ts'
import { decodeGlobalLimit } from './global-limit-codec.ts'

/** Reads global limits, consistently and in the requested order; those that don't exist are left out. */
export async function getGlobalLimits(table: Table, limitIds: readonly string[]): Promise<GlobalLimit[]> {
  const ids = [...new Set(limitIds)]
  const limits = (await batchGet(table, ids.map(keyOfLimit))).map(decodeGlobalLimit)
  return ids.flatMap((id) => limits.find((limit) => limit.id === id) ?? [])
}

/** Reads all global limits, by name; one that was created a moment ago may be missing. */
export async function listGlobalLimits(table: Table): Promise<GlobalLimit[]> {
  const values = { key: GLOBAL_LIMITS_LIST_KEY }
  const rows = await queryAll(table, { index: TIME_INDEX, keyCondition: '#listKey = :key', values })
  const items = await batchGet(table, rows.map(keyOfRow))
  return items.map(decodeGlobalLimit).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

const keyOfLimit = (limitId: string) => limitItemKey(globalLimitKey(limitId))
