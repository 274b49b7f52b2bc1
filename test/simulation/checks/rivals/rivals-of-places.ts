import type { Item } from '#shared/storage/dynamo/expression.ts'
import { limitItemKey, poolKey, poolLinesKey } from '#shared/storage/dynamo/table.ts'
import type { Effect, StandIns } from '../../table/commands/foresee.ts'
import {
  changed,
  changes,
  changesOnly,
  instead,
  kindOf,
  OTHER_LIFE,
  type Rival,
  risen,
  together,
  type Write,
} from './rival.ts'

/** Polls say when they came, whatever became of the place. */
const POLLED = ['lastPolled']

/** What may have happened to a pool. */
export const RIVALS_OF_POOLS: readonly Rival[] = [
  {
    did: 'was deleted',
    leaves: (effect) => (effect.before ? gonePool(effect.key.sk) : null),
  },
  {
    did: 'was deleted and created again',
    leaves: (effect, write) => (effect.before ? otherPool(effect.key.sk, write) : null),
  },
  {
    did: 'was deleted, created again, and is being deleted',
    leaves: (effect, write) => (effect.before ? otherPool(effect.key.sk, write, true) : null),
  },
  {
    did: 'was given another queue, or another order of its queues',
    leaves: (effect) =>
      effect.before && effect.after && changes(effect, 'queuesRevision')
        ? instead(effect.key, risen(effect.before, { queuesRevision: 1 }))
        : null,
  },
]

/** What may have happened to a queue. */
export const RIVALS_OF_QUEUES: readonly Rival[] = [
  {
    did: 'was deleted',
    leaves: (effect) => (effect.before && effect.after && !changesOnly(effect, []) ? goneQueue(effect) : null),
  },
  {
    did: 'was deleted and created again',
    leaves: (effect, write) =>
      effect.before && effect.before !== effect.after && !changesOnly(effect, POLLED)
        ? otherQueue(effect, write)
        : null,
  },
  {
    did: 'was deleted, created again, and is being deleted',
    leaves: (effect, write) =>
      effect.before && effect.before !== effect.after && !changesOnly(effect, POLLED)
        ? otherQueue(effect, write, true)
        : null,
  },
  {
    did: 'was created by another',
    leaves: ({ key, before, after }) => (!before && after?.life ? instead(key, after) : null),
  },
  {
    did: 'was in a pool that was being deleted',
    leaves: ({ key, before, after }, { item }) => {
      if (before || !after?.life) return null
      const limitKey = limitItemKey(`pool#${poolOf(key.pk)}`)
      const limit = item(limitKey)
      return limit ? instead(limitKey, changed(limit, { deleting: { BOOL: true } })) : null
    },
  },
]

/** What may have happened to the pool of a worker that is deleted. */
export const RIVALS_OF_WORKERS: readonly Rival[] = [
  {
    did: 'was deleted by another',
    leaves: ({ key, before, after }, { effects }) =>
      before && !after && effects.some((other) => kindOf(other.key) === 'pools') ? instead(key, undefined) : null,
  },
  {
    did: 'was of a pool that was deleted and created again',
    leaves: ({ key, after }, write) => (after ? null : otherPool(poolOf(key.pk), write)),
  },
]

/** What may have happened to what is said of a pool wherever runs are looked for. */
export const RIVALS_OF_LINES: readonly Rival[] = [
  {
    did: 'was created again and deleted',
    leaves: ({ key, before, after }) => (before && !after ? instead(key, changed(before, { life: OTHER_LIFE })) : null),
  },
  {
    did: 'was deleted',
    leaves: ({ key, before, after }) => (before && after && !after.name ? instead(key, undefined) : null),
  },
  {
    did: 'was created again',
    leaves: ({ key, before, after }) =>
      before && (!after || after.deletedAt)
        ? instead(key, changed(before, { life: OTHER_LIFE, deletedAt: undefined }))
        : null,
  },
]

const poolOf = (partition: string): string => partition.slice(partition.indexOf('#') + 1)

function gonePool(poolId: string): StandIns {
  return together(instead(poolKey(poolId), undefined), instead(limitItemKey(`pool#${poolId}`), undefined))
}

function otherPool(poolId: string, { item }: Write, deleting = false): StandIns {
  const limitKey = limitItemKey(`pool#${poolId}`)
  const [pool, limit, lines] = [item(poolKey(poolId)), item(limitKey), item(poolLinesKey(poolId))]
  const open = { life: OTHER_LIFE, deleting: { BOOL: deleting } }
  return together(
    pool ? instead(poolKey(poolId), changed(pool, { life: OTHER_LIFE })) : null,
    limit ? instead(limitKey, changed(limit, open)) : null,
    lines ? instead(poolLinesKey(poolId), changed(lines, { life: OTHER_LIFE })) : null,
  )
}

/** The order of the others is as it was. */
function goneQueue({ key }: Effect): StandIns {
  return together(instead(key, undefined), instead(limitItemKey(`queue#${key.sk}`), undefined))
}

function otherQueue({ key, before }: Effect, write: Write, deleting = false): StandIns {
  const limitKey = limitItemKey(`queue#${key.sk}`)
  const limit = write.item(limitKey)
  const poolLimitKey = limitItemKey(`pool#${poolOf(key.pk)}`)
  const poolLimit = write.item(poolLimitKey)
  const open = { deleting: { BOOL: false } }
  return together(
    instead(key, changed(before as Item, { life: OTHER_LIFE })),
    limit ? instead(limitKey, changed(limit, { life: OTHER_LIFE, deleting: { BOOL: deleting } })) : null,
    poolLimit ? instead(poolLimitKey, changed(poolLimit, open)) : null,
    otherOrder(key.pk, write),
  )
}

function otherOrder(partition: string, { item }: Write): StandIns | null {
  const key = poolKey(poolOf(partition))
  const pool = item(key)
  return pool ? instead(key, risen(pool, { queuesRevision: 2 })) : null
}
