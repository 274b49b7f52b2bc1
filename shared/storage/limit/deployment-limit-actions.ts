import type { TransactWriteItem } from '@aws-sdk/client-dynamodb'
import { type Instant, sortable } from '#shared/instant.ts'
import { availableOf, deploymentLimit, type Limit, type LimitKey } from '#shared/limit/limit.ts'
import { LIMIT_PHASES, limitItemKey, type Table } from '#shared/storage/dynamo/table.ts'
import { putAction, updateAction } from '#shared/storage/dynamo/transact.ts'
import { newLimitItem } from './change-limit.ts'

/** What a deployment says of its limit; null means no cap, with the holders still counted. */
interface DeploymentLimitSettings {
  limit: number | null
  cancelNew: boolean
}

/** A change of a deployment's limit, which is made in the transaction that changes the deployment. */
export interface DeploymentLimitChange extends DeploymentLimitSettings {
  /** The limit as it was read; undefined for a first one. */
  before: Limit | undefined
  /** From when a first limit counts the runs that are held; null where there can be none. */
  countingSince: Instant | null
}

/** The item of a deployment's first limit. One that has to count starts closed. */
export function newDeploymentLimitItem(
  deploymentId: string,
  { limit, cancelNew, countingSince }: DeploymentLimitSettings & { countingSince: Instant | null },
) {
  const item = newLimitItem(deploymentLimit(deploymentId), { limit, paused: countingSince !== null && limit !== null })
  return countingSince === null
    ? { ...item, cancelNew, ...openPhase(deploymentId, { limit, cancelNew }) }
    : { ...item, cancelNew, countingSince, ...countingPhase(countingSince) }
}

const countingPhase = (since: Instant) => ({ phase: LIMIT_PHASES.counting, phaseSort: sortable(since) })

/**
 * Creates the limit of a deployment that has none, with its first holders, which are in no pool: uncapped, and not listed
 * until it gets a cap. It counts from now on; who is held in pools it has to find out then, like any first limit.
 */
export function firstSlotsAction(table: Table, key: LimitKey, n: number, countingSince: Instant): TransactWriteItem {
  const item = newLimitItem(key, { limit: null, paused: false })
  const held = { active: n, available: availableOf(null, n), moves: 1 }
  return putAction(
    table,
    { ...item, ...held, cancelNew: false, countingSince },
    { condition: 'attribute_not_exists(#pk)' },
  )
}

/** The place of an open limit in the phase index: only of one whose full moments a tick has to find. */
export function openPhase(deploymentId: string, { limit, cancelNew }: DeploymentLimitSettings) {
  return limit !== null && cancelNew ? { phase: LIMIT_PHASES.cancelNew, phaseSort: deploymentId } : undefined
}

/**
 * Writes a deployment's limit if it is still what was read. Without a cap it is open at once, even while it counts; given
 * one before it has counted, it is closed until it has.
 */
export function deploymentLimitAction(
  table: Table,
  deploymentId: string,
  { before, limit, cancelNew, countingSince }: DeploymentLimitChange,
): TransactWriteItem {
  if (!before) {
    const item = newDeploymentLimitItem(deploymentId, { limit, cancelNew, countingSince })
    return putAction(table, item, { condition: 'attribute_not_exists(#pk)' })
  }
  const counting = before.countingSince !== null
  const listed =
    before.countingSince === null ? openPhase(deploymentId, { limit, cancelNew }) : countingPhase(before.countingSince)
  const set = [
    '#available = :cap - #active',
    '#cancelNew = :cancelNew',
    ...(limit === null ? [] : ['#limit = :cap']),
    ...(counting ? ['#paused = :paused'] : []),
    ...(listed ? ['#phase = :phase', '#phaseSort = :phaseSort'] : []),
  ]
  const removed = [...(limit === null ? ['#limit'] : []), ...(listed ? [] : ['#phase', '#phaseSort'])]
  return updateAction(table, limitItemKey(before.key), {
    update: `SET ${set.join(', ')}${removed.length > 0 ? ` REMOVE ${removed.join(', ')}` : ''}`,
    condition: countsAs(before),
    values: {
      cap: availableOf(limit, 0),
      cancelNew,
      ...(counting ? { paused: limit !== null, since: before.countingSince } : {}),
      ...listed,
    },
  })
}

/** Takes the limit of a deployment that is deleted out of the ticks' sight, unless it still counts. */
export function unlistAction(table: Table, limit: Limit): TransactWriteItem {
  const counting = limit.countingSince !== null
  return updateAction(table, limitItemKey(limit.key), {
    update: `SET #cancelNew = :false${counting ? '' : ' REMOVE #phase, #phaseSort'}`,
    condition: countsAs(limit),
    values: { false: false, ...(counting ? { since: limit.countingSince } : {}) },
  })
}

function countsAs({ countingSince }: Limit): string {
  return countingSince === null
    ? 'attribute_exists(#pk) AND attribute_not_exists(#countingSince)'
    : '#countingSince = :since'
}
