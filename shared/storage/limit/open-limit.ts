import type { Instant } from '#shared/instant.ts'
import { type Limit, poolLimit } from '#shared/limit/limit.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { changeLimit } from './change-limit.ts'
import { openPhase } from './deployment-limit-actions.ts'

/** Makes claims of the pool fail that have read the deployments' limits already. A pool that is gone has none. */
export async function raiseEpoch(table: Table, poolId: string): Promise<void> {
  await changeLimit(table, poolLimit(poolId), {
    update: 'SET #epoch = #epoch + :one',
    condition: 'attribute_exists(#pk)',
    values: { one: 1 },
  })
}

/** Notes that the first look of a limit that counts is done. False when it is not counting any more, or was noted. */
export async function recordLook(table: Table, { key, countingSince }: Limit, lookedAt: Instant): Promise<boolean> {
  return await changeLimit(table, key, {
    update: 'SET #lookedAt = :lookedAt',
    condition: '#countingSince = :since AND attribute_not_exists(#lookedAt)',
    values: { lookedAt, since: countingSince },
  })
}

/** Opens a limit that has counted its holders, if its settings are still what was read; false when they are not. */
export async function openLimit(
  table: Table,
  limit: Pick<Limit, 'key' | 'limit' | 'countingSince' | 'lookedAt' | 'cancelNew'>,
): Promise<boolean> {
  const { key, countingSince, lookedAt, cancelNew } = limit
  const listed = openPhase(key.slice(key.indexOf('#') + 1), limit)
  const sameLook = lookedAt === null ? 'attribute_not_exists(#lookedAt)' : '#lookedAt = :lookedAt'
  const sameCap = limit.limit === null ? 'attribute_not_exists(#limit)' : '#limit = :limit'
  return await changeLimit(table, key, {
    update: `SET #paused = :false${listed ? ', #phase = :phase, #phaseSort = :phaseSort' : ''}
      REMOVE #countingSince, #lookedAt${listed ? '' : ', #phase, #phaseSort'}`,
    condition: `#countingSince = :since AND ${sameLook} AND #cancelNew = :cancelNew AND ${sameCap}`,
    values: {
      false: false,
      since: countingSince,
      cancelNew,
      ...(lookedAt === null ? {} : { lookedAt }),
      ...(limit.limit === null ? {} : { limit: limit.limit }),
      ...listed,
    },
  })
}
