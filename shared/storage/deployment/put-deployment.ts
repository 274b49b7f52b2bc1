import { ITEM_BYTES_MAX } from '#shared/bounds.ts'
import { flowKey, type Table } from '#shared/storage/dynamo/table.ts'
import { checkAction, putAction, TransactionRefused, transact } from '#shared/storage/dynamo/transact.ts'
import { type DeploymentLimitChange, deploymentLimitAction } from '#shared/storage/limit/deployment-limit-actions.ts'
import { encodeDeployment, type StoredDeployment } from './deployment-codec.ts'

export interface PutDeployment {
  /** Null for one that must not exist yet. */
  before: StoredDeployment | null
  deployment: StoredDeployment['deployment']
  /** What changes of its limit at the same time. */
  limit?: DeploymentLimitChange | undefined
}

/** `outdated`: another write of it or of its limit came first, so decide again. `flow_gone`: its flow does not exist. */
export type PutDeploymentResult = 'stored' | 'outdated' | 'flow_gone'

/** Writes a deployment whole and its limit with it, if both are still what was read and its flow exists, or nothing. */
export async function putDeployment(table: Table, put: PutDeployment): Promise<PutDeploymentResult> {
  const { before, deployment, limit } = put
  const item = encodeDeployment({ deployment, revision: (before?.revision ?? 0) + 1 })
  const unchanged = before
    ? {
        condition: '#revision = :revision AND #life = :life',
        values: { revision: before.revision, life: before.deployment.life },
      }
    : { condition: 'attribute_not_exists(#pk)' }
  try {
    await transact(table, [
      putAction(table, item, unchanged),
      checkAction(table, flowKey(deployment.flowId), { condition: 'attribute_exists(#pk)' }),
      ...(limit === undefined ? [] : [deploymentLimitAction(table, deployment.id, limit)]),
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
