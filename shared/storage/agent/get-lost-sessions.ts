import type { LostSession } from '#shared/agent/agent.ts'
import type { SessionRef } from '#shared/flow-run/flow-run.ts'
import { batchGet } from '#shared/storage/dynamo/batch-get.ts'
import { lostSessionKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeLostSession } from './agent-codec.ts'

/** Reads sessions that are over, consistently; those without anything left are missing. */
export async function getLostSessions(table: Table, refs: readonly SessionRef[]): Promise<LostSession[]> {
  const keys = new Map(refs.map(({ agentId, session }) => [`${agentId}#${session}`, lostSessionKey(agentId, session)]))
  return (await batchGet(table, [...keys.values()])).map(decodeLostSession)
}
