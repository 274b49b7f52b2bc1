import { UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { POLL_RECORD_SECONDS } from '#shared/bounds.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { express, keyOf } from '#shared/storage/dynamo/expression.ts'
import { deploymentKey, type Table } from '#shared/storage/dynamo/table.ts'
import { isConditionFailure } from '#shared/storage/dynamo/transact.ts'

/**
 * Records that a process polls for a deployment's runs, at most every POLL_RECORD_SECONDS. This is no change of the
 * deployment: neither `updated` nor the revision moves.
 */
export async function recordDeploymentPoll(table: Table, deploymentId: string, now: Instant): Promise<void> {
  const expressions = express({
    update: 'SET #lastPolled = :now',
    condition: 'attribute_exists(#pk) AND (attribute_not_exists(#lastPolled) OR #lastPolled < :before)',
    values: { now, before: addSeconds(now, -POLL_RECORD_SECONDS) },
  })
  try {
    await table.client.send(new UpdateItemCommand({ ...keyOf(table, deploymentKey(deploymentId)), ...expressions }))
  } catch (error) {
    if (!isConditionFailure(error)) throw error
  }
}
