import type { Flow } from '../flow/flow.ts'
import { batchGet } from './batch-get.ts'
import { decodeFlow } from './flow-codec.ts'
import { getItem } from './get-item.ts'
import { flowKey, type Table } from './table.ts'

/** Reads a flow, consistently; undefined when there is none. */
export async function getFlow(table: Table, flowId: string): Promise<Flow | undefined> {
  const item = await getItem(table, flowKey(flowId))
  return item && decodeFlow(item)
}

/** Reads several flows, in no particular order; missing ones are left out. */
export async function getFlows(table: Table, flowIds: readonly string[]): Promise<Flow[]> {
  const unique = [...new Set(flowIds)]
  return unique.length > 0 ? (await batchGet(table, unique.map(flowKey))).map(decodeFlow) : []
}
