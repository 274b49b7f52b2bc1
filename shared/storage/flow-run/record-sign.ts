import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { HeldRun } from '#shared/flow-run/held-run.ts'
import type { Instant } from '#shared/instant.ts'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { runKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

/**
 * Writes down when the process of a claimed run last called, if the claim is still that one. It is no index's key, so
 * this is one write; the revision rises with it, as with any.
 */
export async function recordSign(table: Table, { id, life, claim }: HeldRun, now: Instant): Promise<boolean> {
  const update = express({
    update: 'SET #claim.#seen = :now, #revision = #revision + :one',
    condition: '#claim.#id = :claim AND #life = :life',
    values: { now, one: 1, claim: claim.id, life },
  })
  try {
    await table.client.send(new UpdateItemCommand({ ...keyOf(table, runKey(id)), ...update }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
