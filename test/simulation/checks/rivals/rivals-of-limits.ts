import type { Item } from '#shared/storage/dynamo/expression.ts'
import { limitItemKey } from '#shared/storage/dynamo/table.ts'
import type { Effect, StandIns } from '../../table/commands/foresee.ts'
import {
  changed,
  changes,
  instead,
  kindOf,
  numberOf,
  OTHER_LIFE,
  type Rival,
  risen,
  together,
  type Write,
} from './rival.ts'
import { handsOut } from './rivals-of-runs.ts'

const YES = { BOOL: true }
const NO = { BOOL: false }
const LATER = { N: '9999999999999999' }

/** What may have happened to the limit of a pool, a queue or a deployment. */
export const RIVALS_OF_LIMITS: readonly Rival[] = [
  {
    did: 'was deleted',
    leaves: ({ key, before, after }) => (before && after && before !== after ? instead(key, undefined) : null),
  },
  {
    did: 'was created by another',
    leaves: ({ key, before, after }) => (!before && after ? instead(key, after) : null),
  },
  whenClaimed('was paused', (limit) => changed(limit, { paused: YES })),
  whenClaimed('was being deleted', (limit) => changed(limit, { deleting: YES })),
  whenClaimed('had become full', (limit) =>
    risen(limit, { active: numberOf(limit, 'available'), available: -numberOf(limit, 'available'), moves: 1 }),
  ),
  {
    did: 'had seen a first limit of a deployment',
    leaves: (effect, write) =>
      kindOf(effect.key) === 'limit#pool' && takes(effect) && handsOut(write)
        ? instead(effect.key, risen(effect.before as Item, { epoch: 1 }))
        : null,
  },
  {
    did: 'had moved slots',
    leaves: (effect, { effects }) =>
      effect.before &&
      effect.after &&
      (changes(effect, 'driftNoted') || (changes(effect, 'active') && effects.length === 1))
        ? instead(effect.key, risen(effect.before, { active: 1, available: -1, moves: 1 }))
        : null,
  },
  {
    did: 'was held again',
    leaves: ({ key, before, after }) =>
      before?.deleting?.BOOL === false && after?.deleting?.BOOL
        ? instead(key, risen(before, { active: 1, available: -1, moves: 1 }))
        : null,
  },
  {
    did: 'was deleted and created again',
    leaves: (effect, write) =>
      effect.before?.life && (!effect.after || changes(effect, 'deleting')) ? another(effect, write) : null,
  },
  {
    did: 'counted from another time on',
    leaves: (effect) =>
      effect.before?.countingSince && setsCap(effect)
        ? instead(effect.key, risen(effect.before, { countingSince: 1 }))
        : null,
  },
  {
    did: 'had counted its holders',
    leaves: (effect) =>
      effect.before?.countingSince && setsCap(effect)
        ? instead(effect.key, changed(effect.before, { countingSince: undefined, lookedAt: undefined }))
        : null,
  },
  {
    did: 'had begun to count its holders',
    leaves: (effect) =>
      effect.before && !effect.before.countingSince && changes(effect, 'cancelNew')
        ? instead(effect.key, changed(effect.before, { countingSince: LATER }))
        : null,
  },
  whenOpened('had been looked at by another', (limit) => risen(limit, { lookedAt: 1 })),
  whenOpened('was given another strategy', (limit) => changed(limit, { cancelNew: limit.cancelNew?.BOOL ? NO : YES })),
  whenOpened('was given another cap', (limit) => changed(limit, { limit: { N: '77' } })),
  {
    did: 'had been looked at already',
    leaves: (effect) =>
      effect.before && !effect.before.lookedAt && effect.after?.lookedAt
        ? instead(effect.key, changed(effect.before, { lookedAt: LATER }))
        : null,
  },
]

/** What may have happened to a limit while claims of it were under way. */
function whenClaimed(did: string, becomes: (limit: Item) => Item): Rival {
  return {
    did,
    leaves: (effect, write) =>
      takes(effect) && handsOut(write) ? instead(effect.key, becomes(effect.before as Item)) : null,
  }
}

function whenOpened(did: string, becomes: (limit: Item) => Item): Rival {
  return {
    did,
    leaves: ({ key, before, after }) =>
      before?.countingSince && after && !after.countingSince ? instead(key, becomes(before)) : null,
  }
}

/** The limit of the next life of a pool, or of a queue; there is none of a queue while its pool is being deleted. */
function another({ key, before = {} }: Effect, { item }: Write): StandIns {
  const open = { life: OTHER_LIFE, deleting: NO }
  const poolKey = limitItemKey(`pool#${before.poolId?.S}`)
  const pool = item(poolKey)
  return together(pool ? instead(poolKey, changed(pool, open)) : null, instead(key, changed(before, open)))
}

function takes({ before, after }: Effect): boolean {
  return before !== undefined && after !== undefined && numberOf(after, 'active') > numberOf(before, 'active')
}

function setsCap(effect: Effect): boolean {
  return ['countingSince', 'lookedAt', 'limit', 'cancelNew', 'paused'].some((name) => changes(effect, name))
}
