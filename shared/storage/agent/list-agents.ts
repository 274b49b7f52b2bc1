import type { Agent } from '#shared/agent/agent.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { agentKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeAgent } from './agent-codec.ts'

/** Reads every agent, by name. Consistently, unless half the price is worth missing one that came just now. */
export async function listAgents(table: Table, consistent = true): Promise<Agent[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: agentKey('').pk }, consistent })
  return items.map(decodeAgent).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
