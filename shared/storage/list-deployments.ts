import type { Deployment } from '../deployment/deployment.ts'
import { decodeDeployment } from './deployment-codec.ts'
import { queryAll } from './query.ts'
import { deploymentKey, type Table } from './table.ts'

/** Reads every deployment, by name. */
export async function listDeployments(table: Table): Promise<Deployment[]> {
  const items = await queryAll(table, { keyCondition: '#pk = :pk', values: { pk: deploymentKey('').pk } })
  return items.map((item) => decodeDeployment(item).deployment).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}
