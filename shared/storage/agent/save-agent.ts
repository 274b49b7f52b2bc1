import { PutItemCommand, type PutItemCommandInput, type TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Agent, LostSession } from '#shared/agent/agent.ts'
import { agentKey, lostSessionKey, type Table } from '#shared/storage/dynamo/table.ts'
import {
  deleteAction,
  isConditionFailure,
  putAction,
  TransactionRefused,
  transact,
} from '#shared/storage/dynamo/transact.ts'
import { encodeAgent, encodeLostSession } from './agent-codec.ts'

/** Writes an agent if the stored one is still of the revision that it has, as part of a transaction. */
export function agentAction(table: Table, agent: Agent): TransactWriteItem {
  return putAction(table, encodeAgent({ ...agent, revision: agent.revision + 1 }), asRead(agent.revision))
}

/**
 * Writes an agent if the stored one is still of the revision that it has, and with it a session that is over, if there
 * is one. Returns false when another write came first. A write whose answer is lost may have been made: who repeats it
 * reads first.
 */
export async function saveAgent(table: Table, agent: Agent, lost?: LostSession): Promise<boolean> {
  return await write(table, [agentAction(table, agent), ...(lost ? [lostSessionAction(table, lost)] : [])])
}

function lostSessionAction(table: Table, lost: LostSession): TransactWriteItem {
  return putAction(table, encodeLostSession({ ...lost, revision: lost.revision + 1 }), asRead(lost.revision))
}

/** Writes what is left of a session that is over; false when another write came first. */
export async function saveLostSession(table: Table, lost: LostSession): Promise<boolean> {
  const { agentId, session, holds, revision } = lost
  const action =
    holds.length > 0
      ? lostSessionAction(table, lost)
      : deleteAction(table, lostSessionKey(agentId, session), asRead(revision))
  return await write(table, [action])
}

/** Deletes an agent of that revision, and keeps its session, if that holds runs; false when another write came first. */
export async function deleteAgent(table: Table, agent: Agent, lost?: LostSession): Promise<boolean> {
  const deletion = deleteAction(table, agentKey(agent.id), asRead(agent.revision))
  return await write(table, [deletion, ...(lost ? [lostSessionAction(table, lost)] : [])])
}

function asRead(revision: number) {
  if (revision === 0) return { condition: 'attribute_not_exists(#pk)' }
  return { condition: '#revision = :revision', values: { revision } }
}

async function write(table: Table, actions: TransactWriteItem[]): Promise<boolean> {
  const [first] = actions
  try {
    // Alone, a put costs half of what it does in a transaction.
    if (first?.Put && actions.length === 1)
      await table.client.send(new PutItemCommand(first.Put as PutItemCommandInput))
    else await transact(table, actions)
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    if (error instanceof TransactionRefused && actions.some((_, at) => error.failedAt(at))) return false
    throw error
  }
}
