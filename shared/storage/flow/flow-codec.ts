import type { Flow } from '#shared/flow/flow.ts'
import { parseJson } from '#shared/json/parse-json.ts'
import { flowKey } from '#shared/storage/dynamo/table.ts'

/** The flow's item. Tags and labels are kept as JSON text, which holds any text that JSON does. */
export function encodeFlow({ id, name, created, updated, tags, labels }: Flow) {
  return { ...flowKey(id), name, created, updated, tags: JSON.stringify(tags), labels: JSON.stringify(labels) }
}

/** A flow from its item. */
export function decodeFlow(item: Record<string, unknown>): Flow {
  const { sk, name, tags, labels, created, updated } = item as unknown as ReturnType<typeof encodeFlow>
  return {
    id: sk,
    name,
    tags: JSON.parse(tags) as string[],
    labels: parseJson(labels) as Record<string, unknown>,
    created,
    updated,
  }
}
