import { parseJson } from '#shared/json/parse-json.ts'
import { poolKey } from '#shared/storage/dynamo/table.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'

/**
 * Free-form JSON is kept as text: DynamoDB's own maps stop at 32 levels and 38 digits, and text costs fewer bytes.
 */
interface StoredPool {
  pk: string
  sk: string
  life: string
  name: string
  description?: string | undefined
  type: string
  template: string
  storage: string
  defaultQueueId: string
  silentWorkerMinutes?: number | undefined
  queuesRevision: number
  created: number
  updated: number
}

/** The pool's item. */
export function encodePool(pool: WorkPool): StoredPool {
  const { id, baseJobTemplate, storageConfiguration, description, silentWorkerMinutes, ...rest } = pool
  return {
    ...poolKey(id),
    ...rest,
    description: description ?? undefined,
    silentWorkerMinutes: silentWorkerMinutes ?? undefined,
    template: JSON.stringify(baseJobTemplate),
    storage: JSON.stringify(storageConfiguration),
  }
}

/** A pool from its item. */
export function decodePool(item: Record<string, unknown>): WorkPool {
  const stored = item as unknown as StoredPool
  const { life, name, type, defaultQueueId, queuesRevision, created, updated } = stored
  return {
    id: stored.sk,
    life,
    name,
    description: stored.description ?? null,
    type,
    baseJobTemplate: parseJson(stored.template) as Record<string, unknown>,
    storageConfiguration: parseJson(stored.storage) as Record<string, unknown>,
    defaultQueueId,
    silentWorkerMinutes: stored.silentWorkerMinutes ?? null,
    queuesRevision,
    created,
    updated,
  }
}
