import { type GlobalLimit, globalLimitKey } from '#shared/limit/global-limit.ts'
import { GLOBAL_LIMITS_LIST_KEY, limitItemKey } from '#shared/storage/dynamo/table.ts'

/** The item of a global limit: its own members, and the keys of the index that lists all of them. */
export function encodeGlobalLimit({ id, ...limit }: GlobalLimit) {
  const listed = { listKey: GLOBAL_LIMITS_LIST_KEY, startAt: limit.created }
  return { ...limitItemKey(globalLimitKey(id)), ...limit, ...listed }
}

/** A global limit from its item. */
export function decodeGlobalLimit(item: Record<string, unknown>): GlobalLimit {
  const { pk, sk: _, listKey: __, startAt: ___, ...limit } = item
  return { id: String(pk).slice(limitItemKey(globalLimitKey('')).pk.length), ...limit } as GlobalLimit
}
