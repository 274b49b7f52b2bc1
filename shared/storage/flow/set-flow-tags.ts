import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { Flow } from '#shared/flow/flow.ts'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { flowKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

/** Replaces a flow's tags; false when there is no such flow. */
export async function setFlowTags(table: Table, flow: Pick<Flow, 'id' | 'tags' | 'updated'>): Promise<boolean> {
  const { id, tags, updated } = flow
  const expressions = express({
    update: 'SET #tags = :tags, #updated = :updated',
    condition: 'attribute_exists(#pk)',
    values: { tags: JSON.stringify(tags), updated },
  })
  try {
    await table.client.send(new UpdateItemCommand({ ...keyOf(table, flowKey(id)), ...expressions }))
    return true
  } catch (error) {
    if (isConditionFailure(error)) return false
    throw error
  }
}
