import type { ApiKey } from '#shared/api-key/api-key.ts'
import { addSeconds, type Instant } from '#shared/instant.ts'
import { apiKeyKey, TTL_ATTRIBUTE } from '#shared/storage/dynamo/table.ts'

/** How long an expired or revoked key is still listed. */
const KEPT_SECONDS = 90 * 86_400

/** A key's item. Once it has long ended DynamoDB may drop it: an unknown key is refused as well. */
export function encodeApiKey({ id, ...key }: ApiKey) {
  const end = key.revoked ?? key.expires
  return { ...apiKeyKey(id), ...key, ...(end === null ? {} : { [TTL_ATTRIBUTE]: dropAfter(end) }) }
}

/** When the item of a key that ends then may go, in Unix seconds. */
export function dropAfter(end: Instant): number {
  return Math.ceil(addSeconds(end, KEPT_SECONDS) / 1_000_000)
}

/** A key from its item. */
export function decodeApiKey(item: Record<string, unknown>): ApiKey {
  const { sk, name, scope, secretHash, created, expires, revoked } = item as unknown as ApiKey & { sk: string }
  return { id: sk, name, scope, secretHash, created, expires, revoked }
}
