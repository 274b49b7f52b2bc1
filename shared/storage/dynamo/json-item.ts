import type { Instant } from '#shared/instant.ts'
import { parseJson } from '#shared/json/parse-json.ts'
import type { Key } from './table.ts'

/** A thing that is small, seldom written, and always written whole. */
export interface JsonDocument {
  id: string
  updated: Instant
}

/**
 * Such a thing is kept as JSON text, which holds what DynamoDB's own maps and numbers don't. `updated` is beside it, for
 * the next write to be conditioned on: it rises with every write.
 */
export function encodeJsonItem(key: Key, thing: JsonDocument) {
  const { id: _, updated, ...rest } = thing
  return { ...key, updated, json: JSON.stringify(rest) }
}

/** The thing from its item, whose sort key is its id. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller knows what it stored
export function decodeJsonItem<T extends JsonDocument>(item: Record<string, unknown>): T {
  return { ...(parseJson(String(item.json)) as object), id: item.sk, updated: item.updated } as T
}

/** Holds while an item is what was read: absent when nothing was. */
export function unchangedSince(before: JsonDocument | undefined) {
  return before
    ? { condition: '#updated = :before', values: { before: before.updated } }
    : { condition: 'attribute_not_exists(#pk)' }
}
