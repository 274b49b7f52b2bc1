import type { Agent } from '#shared/agent/agent.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { agentKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeAgent } from './agent-codec.ts'

/** Reads an agent, consistently; undefined when there is none. */
export async function getAgent(table: Table, agentId: string): Promise<Agent | undefined> {
  const item = await getItem(table, agentKey(agentId))
  return item && decodeAgent(item)
}

/** Reads several agents, consistently, in no particular order; missing ones are left out. */
export async function getAgents(table: Table, agentIds: readonly string[]): Promise<Agent[]> {
  return (await batchGet(table, [...new Set(agentIds)].map(agentKey))).map(decodeAgent)
}
