import type { Flow } from '../flow/flow.ts'
import { decodeFlow } from './flow-codec.ts'
import { getItem } from './get-item.ts'
import { flowKey, type Table } from './table.ts'

/** Reads a flow, consistently; undefined when there is none. */
export async function getFlow(table: Table, flowId: string): Promise<Flow | undefined> {
  const item = await getItem(table, flowKey(flowId))
  return item && decodeFlow(item)
}
