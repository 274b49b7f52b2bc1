import type { Flow } from '../flow/flow.ts'
import { flowKey } from './table.ts'

/** The flow's item. Labels are kept as JSON text, as free-form JSON is everywhere. */
export function encodeFlow({ id, labels, ...rest }: Flow) {
  return { ...flowKey(id), ...rest, labels: JSON.stringify(labels) }
}

export function decodeFlow(item: Record<string, unknown>): Flow {
  const { sk, name, tags, labels, created, updated } = item as unknown as ReturnType<typeof encodeFlow>
  return { id: sk, name, tags, labels: JSON.parse(labels) as Record<string, unknown>, created, updated }
}
