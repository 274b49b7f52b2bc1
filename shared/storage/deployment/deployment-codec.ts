import type { Deployment } from '#shared/deployment/deployment.ts'
import { parseJson } from '#shared/json/parse-json.ts'
import { deploymentKey } from '#shared/storage/dynamo/table.ts'

/** A deployment with the count of its writes, on which the next write is conditioned. */
export interface StoredDeployment {
  deployment: Deployment
  revision: number
}

/**
 * The deployment is kept as JSON text: DynamoDB's own maps end at 32 levels, and its numbers are not JavaScript's. The
 * time of the last poll, which is written alone and often, and what conditions go by are attributes.
 */
export function encodeDeployment({ deployment, revision }: StoredDeployment) {
  const { id, life, deleting, lastPolled, ...rest } = deployment
  const own = { life, deleting: deleting || undefined, lastPolled: lastPolled ?? undefined, revision }
  return { ...deploymentKey(id), ...own, json: JSON.stringify(rest) }
}

/** A deployment from its item. */
export function decodeDeployment(item: Record<string, unknown>): StoredDeployment {
  const rest = parseJson(String(item.json)) as Omit<Deployment, 'id' | 'life' | 'deleting' | 'lastPolled'>
  const own = {
    id: String(item.sk),
    life: String(item.life),
    deleting: item.deleting === true,
    lastPolled: (item.lastPolled as number | undefined) ?? null,
  }
  return { deployment: { ...rest, ...own }, revision: item.revision as number }
}
