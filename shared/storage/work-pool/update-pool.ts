import type { Instant } from '#shared/instant.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { poolKey, type Table } from '#shared/storage/dynamo/table.ts'
import { TransactionRefused, transact, updateAction } from '#shared/storage/dynamo/transact.ts'
import { type LimitSettings, settingsAction } from '#shared/storage/limit/limit-actions.ts'

/** Omitted members stay unchanged. */
export interface PoolChange {
  description?: string | null | undefined
  baseJobTemplate?: Record<string, unknown> | undefined
  storageConfiguration?: Record<string, unknown> | undefined
  silentWorkerMinutes?: number | null | undefined
}

/** Changes a pool's settings and its limit's together, or nothing. */
export async function updatePool(
  table: Table,
  poolId: string,
  change: PoolChange,
  limit: LimitSettings,
  now: Instant,
): Promise<'updated' | 'gone' | 'deleting'> {
  const { description, baseJobTemplate, storageConfiguration, silentWorkerMinutes } = change
  const values = {
    now,
    ...(typeof description === 'string' ? { description } : {}),
    ...(baseJobTemplate ? { template: JSON.stringify(baseJobTemplate) } : {}),
    ...(storageConfiguration ? { storage: JSON.stringify(storageConfiguration) } : {}),
    ...(typeof silentWorkerMinutes === 'number' ? { silentWorkerMinutes } : {}),
  }
  const set = Object.keys(values).map((name) => (name === 'now' ? '#updated = :now' : `#${name} = :${name}`))
  const cleared = [
    ...(description === null ? ['#description'] : []),
    ...(silentWorkerMinutes === null ? ['#silentWorkerMinutes'] : []),
  ]
  const settings = limit.limit === undefined && limit.paused === undefined ? [] : [limit]
  try {
    await transact(table, [
      updateAction(table, poolKey(poolId), {
        update: `SET ${set.join(', ')}${cleared.length > 0 ? ` REMOVE ${cleared.join(', ')}` : ''}`,
        condition: 'attribute_exists(#pk)',
        values,
      }),
      ...settings.map((each) => settingsAction(table, poolLimit(poolId), each)),
    ])
    return 'updated'
  } catch (error) {
    if (!(error instanceof TransactionRefused)) throw error
    if (error.failedAt(0)) return 'gone'
    if (error.failedAt(1)) return 'deleting'
    throw error
  }
}
