import { ITEM_BYTES_MAX } from '#shared/bounds.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { flowKey, type Table } from '#shared/storage/dynamo/table.ts'
import { checkAction, putAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { newLimitItem } from '#shared/storage/limit/change-limit.ts'
import { encodeDeployment, type StoredDeployment } from './deployment-codec.ts'

/** `limit`: the cap of a new deployment, whose limit item is then written with it. */
export interface PutDeployment {
  /** Null for one that must not exist yet. */
  before: StoredDeployment | null
  deployment: StoredDeployment['deployment']
  limit?: number | undefined
}

/** `outdated`: another write came first (or one created it), so decide again. `flow_gone`: its flow does not exist. */
export type PutDeploymentResult = 'stored' | 'outdated' | 'flow_gone'

/** Writes a deployment whole, if it is still what was read, its flow exists, and (with a limit) it has no limit yet. */
export async function putDeployment(table: Table, put: PutDeployment): Promise<PutDeploymentResult> {
  const { before, deployment, limit } = put
  const item = encodeDeployment({ deployment, revision: (before?.revision ?? 0) + 1 })
  const unchanged = before
    ? {
        condition: '#revision = :revision AND #life = :life',
        values: { revision: before.revision, life: before.deployment.life },
      }
    : { condition: 'attribute_not_exists(#pk)' }
  const absent = { condition: 'attribute_not_exists(#pk)' }
  const key = deploymentLimit(deployment.id)
  try {
    await transact(table, [
      putAction(table, item, unchanged),
      checkAction(table, flowKey(deployment.flowId), { condition: 'attribute_exists(#pk)' }),
      ...(limit === undefined ? [] : [putAction(table, newLimitItem(key, { limit, paused: false }), absent)]),
    ])
    return 'stored'
  } catch (error) {
    if (!(error instanceof TransactionRefused)) throw error
    if (error.failedAt(1)) return 'flow_gone'
    if (error.failedAt(0) || error.failedAt(2)) return 'outdated'
    throw error
  }
}

/** Bytes that a deployment takes in its item, about; DynamoDB refuses those above ITEM_BYTES_MAX. */
export function fitsItem(deployment: StoredDeployment['deployment']): boolean {
  return Buffer.byteLength(encodeDeployment({ deployment, revision: 0 }).json) <= ITEM_BYTES_MAX
}
