import type { Deployment } from '#shared/deployment/deployment.ts'
import { deploymentKey } from '#shared/storage/dynamo/table.ts'

/** A deployment with the count of its writes, on which the next write is conditioned. */
export interface StoredDeployment {
  deployment: Deployment
  revision: number
}

/**
 * The deployment is kept as JSON text: DynamoDB's own maps end at 32 levels, and its numbers are not JavaScript's. Only
 * the time of the last poll, which is written alone and often, is an attribute.
 */
export function encodeDeployment({ deployment, revision }: StoredDeployment) {
  const { id, lastPolled, ...rest } = deployment
  return { ...deploymentKey(id), lastPolled: lastPolled ?? undefined, revision, json: JSON.stringify(rest) }
}

/** A deployment from its item. */
export function decodeDeployment(item: Record<string, unknown>): StoredDeployment {
  const rest = JSON.parse(String(item.json)) as Omit<Deployment, 'id' | 'lastPolled'>
  const lastPolled = (item.lastPolled as number | undefined) ?? null
  return { deployment: { ...rest, id: String(item.sk), lastPolled }, revision: item.revision as number }
}
