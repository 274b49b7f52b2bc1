import type { Flow } from '../flow/flow.ts'
import { decodeFlow } from './flow-codec.ts'
import { queryAll } from './query.ts'
import { flowKey, type Table } from './table.ts'

/** Reads every flow, by name. */
export async function listFlows(table: Table): Promise<Flow[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: flowKey('').pk } })
  return items.map(decodeFlow).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
