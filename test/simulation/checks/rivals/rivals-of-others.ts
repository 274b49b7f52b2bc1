import type { Item } from '#shared/storage/dynamo/expression.ts'
import { blockSchemaKey, blockTypeKey, flowKey, type Key } from '#shared/storage/dynamo/table.ts'
import { changed, changes, changesOnly, instead, numberOf, OTHER_LIFE, type Rival, risen } from './rival.ts'

const ANOTHER = { S: 'another' }
const NO = { BOOL: false }
const YES = { BOOL: true }

const createdFirst: Rival = {
  did: 'was created by another',
  leaves: ({ key, before, after }) => (!before && after ? instead(key, after) : null),
}

const deleted: Rival = {
  did: 'was deleted',
  leaves: ({ key, before, after }) => (before && after && before !== after ? instead(key, undefined) : null),
}

const createdAgain: Rival = {
  did: 'was deleted and created again',
  leaves: ({ key, before, after }) => (before && before !== after ? instead(key, risen(before, { created: 1 })) : null),
}

/** Another write of what is replaced whole, which a number of it tells. */
const written = (number: string): Rival => ({
  did: 'was written by another',
  leaves: ({ key, before, after }) =>
    before && after && before !== after ? instead(key, risen(before, { [number]: 1 })) : null,
})

/** Another write of what is changed or deleted on its sight. */
const since = (did: string, number: string): Rival => ({
  did,
  leaves: ({ key, before, after }) =>
    before && before !== after ? instead(key, risen(before, { [number]: 1 })) : null,
})

export const RIVALS_OF_DEPLOYMENTS: readonly Rival[] = [
  createdFirst,
  deleted,
  {
    did: 'was deleted and created again',
    leaves: (effect) =>
      effect.before && effect.before !== effect.after && !changesOnly(effect, ['lastPolled'])
        ? instead(effect.key, changed(effect.before, { life: OTHER_LIFE, deleting: undefined }))
        : null,
  },
  {
    did: 'was deleted, created again, and is being deleted',
    leaves: (effect) =>
      effect.before && effect.before !== effect.after && !changesOnly(effect, ['lastPolled'])
        ? instead(effect.key, changed(effect.before, { life: OTHER_LIFE, deleting: YES }))
        : null,
  },
  {
    did: 'was written by another',
    leaves: (effect) =>
      effect.before && effect.after && changes(effect, 'json')
        ? instead(effect.key, risen(effect.before, { revision: 1 }))
        : null,
  },
  {
    did: 'was of a flow that was deleted',
    leaves: ({ after, before }) =>
      after && after !== before && after.json?.S !== before?.json?.S ? without(flowKey, 'flowId', after.json?.S) : null,
  },
]

export const RIVALS_OF_TASK_RUNS: readonly Rival[] = [createdFirst, deleted, createdAgain, written('revision')]

/** Agents with their sessions, and sessions that are over. */
export const RIVALS_OF_SESSIONS: readonly Rival[] = [createdFirst, deleted, since('was written by another', 'revision')]

export const RIVALS_OF_LEASES: readonly Rival[] = [
  createdFirst,
  deleted,
  {
    did: 'was renewed',
    leaves: ({ key, before, after }) => (before && !after ? instead(key, risen(before, { until: 1 })) : null),
  },
]

export const RIVALS_OF_GLOBAL_LIMITS: readonly Rival[] = [
  createdFirst,
  deleted,
  createdAgain,
  {
    did: 'had moved slots',
    leaves: (effect) =>
      effect.before && effect.after && changes(effect, 'updated')
        ? instead(effect.key, risen(effect.before, { moves: 1 }))
        : null,
  },
  whenTaken('was lowered', (limit) => risen(limit, { limit: -1, moves: 1 })),
  whenTaken('was put out of force', (limit) => risen(changed(limit, { inForce: NO }), { moves: 1 })),
  whenTaken('had become full', (limit) => risen(limit, { active: numberOf(limit, 'limit') + 1, moves: 1 })),
  {
    did: 'had moved slots, and had others decay',
    leaves: (effect) =>
      numberOf(effect.before, 'decayPerSecond') > 0 && effect.after && changes(effect, 'active')
        ? instead(effect.key, risen(effect.before as Item, { moves: 1 }))
        : null,
  },
  {
    did: 'was given another decay',
    leaves: (effect) =>
      effect.before && changes(effect, 'active') && !changes(effect, 'updated')
        ? instead(effect.key, risen(effect.before, { decayPerSecond: 1 }))
        : null,
  },
]

export const RIVALS_OF_RECORDS: readonly Rival[] = [createdFirst, written('updated')]

export const RIVALS_OF_BLOCK_DOCUMENTS: readonly Rival[] = [
  ...RIVALS_OF_RECORDS,
  { did: 'was of a type that was deleted', leaves: ({ after }) => without(blockTypeKey, 'typeId', after?.json?.S) },
  {
    did: 'was of a schema that was deleted',
    leaves: ({ after }) => without(blockSchemaKey, 'schemaId', after?.json?.S),
  },
]

export const RIVALS_OF_BLOCK_SCHEMAS: readonly Rival[] = [
  createdFirst,
  since('was written by another', 'updated'),
  {
    did: 'was of a type that was deleted',
    leaves: ({ before, after }) => (before ? null : without(blockTypeKey, 'typeId', after?.json?.S)),
  },
]

export const RIVALS_OF_FLOWS: readonly Rival[] = [
  createdFirst,
  deleted,
  {
    did: 'was deleted and created again',
    leaves: ({ key, before, after }) => (before && !after ? instead(key, risen(before, { created: 1 })) : null),
  },
]

export const RIVALS_OF_UPTIME: readonly Rival[] = [createdFirst, since('was recorded by another', 'at')]

export const RIVALS_OF_API_KEYS: readonly Rival[] = [
  {
    did: 'was created by another',
    leaves: ({ key, before, after }) =>
      !before && after ? instead(key, changed(after, { secretHash: ANOTHER })) : null,
  },
  deleted,
  {
    did: 'was revoked',
    leaves: ({ key, before, after }) =>
      before && after && before !== after ? instead(key, changed(before, { revoked: { N: '1' } })) : null,
  },
]

/** What only its deletion may overlook. */
export const RIVALS_OF_HINTS: readonly Rival[] = [
  {
    did: 'was given once more',
    leaves: ({ key, before, after }) => (before && !after ? instead(key, changed(before, { stamp: ANOTHER })) : null),
  },
]

/** A deletion that is begun once more is written down once more. */
export const RIVALS_OF_DELETIONS: readonly Rival[] = [
  { ...deleted, leaves: (effect, write) => (write.effects.length === 1 ? deleted.leaves(effect, write) : null) },
]

/** The answer to a pause replaces one that was given in vain. */
export const RIVALS_OF_INPUTS: readonly Rival[] = [
  {
    ...createdFirst,
    leaves: (effect, write) => (effect.key.sk.endsWith('-response') ? null : createdFirst.leaves(effect, write)),
  },
]

function whenTaken(did: string, becomes: (limit: Item) => Item): Rival {
  return {
    did,
    leaves: ({ key, before, after }) =>
      before && after && heldOf(after) > heldOf(before) ? instead(key, becomes(before)) : null,
  }
}

const heldOf = (limit: Item): number => numberOf(limit, 'leased') + numberOf(limit, 'loose')

function without(keyOf: (id: string) => Key, name: string, json: string | undefined) {
  const id = json === undefined ? undefined : (JSON.parse(json) as Record<string, string>)[name]
  return id === undefined ? null : instead(keyOf(id), undefined)
}
