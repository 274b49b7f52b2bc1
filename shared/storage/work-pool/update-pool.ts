import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import type { Instant } from '#shared/instant.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { poolKey, poolLinesKey, type Table } from '#shared/storage/dynamo/table.ts'
import { TransactionRefused, transact, updateAction } from '#shared/storage/dynamo/transact.ts'
import { type LimitSettings, settingsAction } from '#shared/storage/limit/limit-actions.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'

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
  { id, life }: Pick<WorkPool, 'id' | 'life'>,
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
      updateAction(table, poolKey(id), {
        update: `SET ${set.join(', ')}${cleared.length > 0 ? ` REMOVE ${cleared.join(', ')}` : ''}`,
        condition: '#life = :life',
        values: { ...values, life },
      }),
      ...settings.map((each) => settingsAction(table, poolLimit(id), each)),
      ...(silentWorkerMinutes === undefined ? [] : [silenceAction(table, { id, life }, silentWorkerMinutes)]),
    ])
    return 'updated'
  } catch (error) {
    if (!(error instanceof TransactionRefused)) throw error
    if (error.failedAt(0) || error.failedAt(settings.length + 1)) return 'gone'
    if (error.failedAt(1)) return 'deleting'
    throw error
  }
}

/** The sweep goes by the pool's lines, which are smaller than the pool. */
function silenceAction(
  table: Table,
  { id, life }: Pick<WorkPool, 'id' | 'life'>,
  minutes: number | null,
): TransactWriteItem {
  return updateAction(table, poolLinesKey(id), {
    update: minutes === null ? 'REMOVE #silentWorkerMinutes' : 'SET #silentWorkerMinutes = :minutes',
    condition: '#life = :life',
    values: { life, ...(minutes === null ? {} : { minutes }) },
  })
}
