import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import type { Deployment } from '#shared/deployment/deployment.ts'
import { fromItem, keyOf } from '#shared/storage/dynamo/expression.ts'
import { deploymentKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeDeployment, type StoredDeployment } from './deployment-codec.ts'

/** Reads a deployment, consistently; undefined when there is none. */
export async function getDeployment(table: Table, deploymentId: string): Promise<Deployment | undefined> {
  return (await getStoredDeployment(table, deploymentId))?.deployment
}

/** Reads a deployment with its revision, for a caller that means to write it. */
export async function getStoredDeployment(table: Table, deploymentId: string): Promise<StoredDeployment | undefined> {
  const { Item } = await table.client.send(
    new GetItemCommand({ ...keyOf(table, deploymentKey(deploymentId)), ConsistentRead: true }),
  )
  return Item && decodeDeployment(fromItem(Item))
}
