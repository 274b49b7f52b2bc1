import type { Deployment } from '#shared/deployment/deployment.ts'
import { queryAll } from '#shared/storage/dynamo/query.ts'
import { deploymentKey, type Table } from '#shared/storage/dynamo/table.ts'
import { decodeDeployment } from './deployment-codec.ts'

/** Reads every deployment, by name. Consistently, unless half the price is worth missing one created just now. */
export async function listDeployments(table: Table, consistent = true): Promise<Deployment[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: deploymentKey('').pk }, consistent })
  return items.map((item) => decodeDeployment(item).deployment).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
