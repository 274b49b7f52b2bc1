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
  queuesRevision: number
  created: number
  updated: number
}

/** The pool's item. */
export function encodePool(pool: WorkPool): StoredPool {
  const { id, baseJobTemplate, storageConfiguration, description, ...rest } = pool
  return {
    ...poolKey(id),
    ...rest,
    description: description ?? undefined,
    template: JSON.stringify(baseJobTemplate),
    storage: JSON.stringify(storageConfiguration),
  }
}

/** A pool from its item. */
export function decodePool(item: Record<string, unknown>): WorkPool {
  const { sk, life, name, description, type, template, storage, defaultQueueId, queuesRevision, created, updated } =
    item as unknown as StoredPool
  return {
    id: sk,
    life,
    name,
    description: description ?? null,
    type,
    baseJobTemplate: JSON.parse(template) as Record<string, unknown>,
    storageConfiguration: JSON.parse(storage) as Record<string, unknown>,
    defaultQueueId,
    queuesRevision,
    created,
    updated,
  }
}
