import type { Flow } from '#shared/flow/flow.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { flowKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeFlow } from './flow-codec.ts'

/** Reads every flow, by name. */
export async function listFlows(table: Table): Promise<Flow[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: flowKey('').pk } })
  return items.map(decodeFlow).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
