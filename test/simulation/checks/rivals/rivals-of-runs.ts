import { DEPLOYMENT_DELETED } from '#shared/flow-run/messages.ts'
import type { Item } from '#shared/storage/dynamo/expression.ts'
import { deploymentKey, type Key, limitItemKey } from '#shared/storage/dynamo/table.ts'
import type { Effect, StandIns } from '../../table/commands/foresee.ts'
import { changed, changes, instead, OTHER_LIFE, type Rival, risen, type Write } from './rival.ts'

const ENDED = new Set(['COMPLETED', 'FAILED', 'CRASHED', 'CANCELLED'])
const AN_HOUR_MICROSECONDS = 3_600_000_000
const ANOTHER_CLAIM = { id: { S: 'anothers' } }

/** What may have happened to a run. A sign of life and a claim may come upon a run that has other labels by now; nothing else. */
export const RIVALS_OF_RUNS: readonly Rival[] = [
  {
    did: 'was deleted and created again',
    leaves: ({ key, before }) => (before ? instead(key, changed(before, { life: OTHER_LIFE })) : null),
  },
  {
    did: 'was deleted',
    leaves: ({ key, before }) => (before ? instead(key, undefined) : null),
  },
  {
    did: 'was created by another',
    leaves: ({ key, before, after }) =>
      !before && after ? instead(key, changed(after, { life: OTHER_LIFE, transition: undefined })) : null,
  },
  {
    did: 'was cancelled',
    leaves: ({ key, before }) => (before && !ENDED.has(stateOf(before) ?? '') ? instead(key, cancelled(before)) : null),
  },
  {
    did: 'was claimed by another',
    leaves: ({ key, before }) => (before ? instead(key, claimed(before)) : null),
  },
  {
    did: 'was claimed by another and put back',
    leaves: ({ key, before }) =>
      before ? instead(key, risen(changed(before, { claim: undefined }), { generation: 1, revision: 2 })) : null,
  },
  {
    did: 'was put off',
    leaves: ({ key, before, after }) =>
      before?.due && after && !after.due
        ? instead(key, risen(before, { due: AN_HOUR_MICROSECONDS, revision: 1 }))
        : null,
  },
  {
    did: 'was written by another',
    leaves: (effect) =>
      effect.before && !isClaim(effect) && !isSign(effect)
        ? instead(effect.key, risen(effect.before, { revision: 1 }))
        : null,
  },
  {
    did: 'was in a place that was deleted and created again',
    leaves: (effect, write) => anotherPlace(effect, write),
  },
  {
    did: 'was in a place that was deleted, created again, and is being deleted',
    leaves: (effect, write) => anotherPlace(effect, write, true),
  },
]

/**
 * The next life of the place because of whose deletion runs are ended; null where they end for another reason. One run
 * alone may be ended by a dispatch, which has found it before its deployment was gone.
 */
function anotherPlace(effect: Effect, { effects, item }: Write, deleting = false): StandIns | null {
  const { before, after } = effect
  const ends = before && !before.claim && after && changes(effect, 'state') && stateOf(after) === 'CANCELLED'
  if (!ends) return null
  const message = after.state?.M?.m?.S ?? ''
  const isDeployments = message === DEPLOYMENT_DELETED && effects.length > 1
  const key = isDeployments ? deploymentKey(before.deploymentId?.S ?? '') : placeOf(message, before)
  if (!key) return null
  const { pk, sk } = key
  return instead(key, { ...item(key), pk: { S: pk }, sk: { S: sk }, life: OTHER_LIFE, deleting: { BOOL: deleting } })
}

function placeOf(message: string, { poolId, queueId }: Item): Key | undefined {
  const [kind] = /(?<=[Ww]ork )(?:pool|queue)(?=.* of the run was deleted\.$)/.exec(message) ?? []
  if (kind === undefined) return undefined
  return limitItemKey(`${kind}#${kind === 'pool' ? poolId?.S : queueId?.S}`)
}

/** Whether a write hands a run out, or makes one that is handed out at once. */
export function handsOut({ effects }: Pick<Write, 'effects'>): boolean {
  return effects.some((effect) => effect.key.sk === 'run' && effect.after?.claim && isClaim(effect))
}

function isClaim(effect: { before: Item | undefined; after: Item | undefined }): boolean {
  return changes(effect as never, 'generation')
}

function isSign({ before, after }: { before: Item | undefined; after: Item | undefined }): boolean {
  return (
    before?.claim?.M?.id?.S !== undefined &&
    before.claim.M.id.S === after?.claim?.M?.id?.S &&
    stateless(before) === stateless(after)
  )
}

const stateless = (item: Item | undefined): string =>
  JSON.stringify(item && { ...item, claim: { ...item.claim?.M, seen: undefined }, revision: undefined })

const stateOf = (item: Item): string | undefined => item.state?.M?.t?.S

function cancelled(run: Item): Item {
  const state = { M: { ...run.state?.M, t: { S: 'CANCELLED' } } }
  const left = { claim: undefined, due: undefined, phase: undefined, phaseSort: undefined }
  return risen(changed(run, { state, ...left }), { revision: 1, seq: 1 })
}

function claimed(run: Item): Item {
  const state = { M: { ...run.state?.M, t: { S: 'PENDING' } } }
  const claim = { M: { ...run.claim?.M, ...ANOTHER_CLAIM } }
  return risen(changed(run, { state, claim, due: undefined }), { generation: 1, revision: 1, seq: 1 })
}
