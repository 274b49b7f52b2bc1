import type { Flow } from '#shared/flow/flow.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { flowKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeFlow } from './flow-codec.ts'

/** Reads a flow, consistently; undefined when there is none. */
export async function getFlow(table: Table, flowId: string): Promise<Flow | undefined> {
  const item = await getItem(table, flowKey(flowId))
  return item && decodeFlow(item)
}
