import type { Deps } from '#shared/deps.ts'
import { cancelWaitingRuns } from '#shared/engine/flow-run/cancel-waiting-runs.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { markDeleting } from '#shared/storage/limit/change-limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'

/** A pool or a queue that is to be deleted. */
export interface DeletionTarget {
  noun: 'Work pool' | 'Work queue'
  name: string
  limit: LimitKey
  /** Where its waiting runs are. */
  where: { poolId: string; queueId?: string }
}

/**
 * Makes a pool or queue ready to be removed: stops claims for good, if nothing is held under it now, then ends the runs
 * that wait. May be repeated. Raises still_held, not_found, and unfinished (with a request to go on) when more runs wait
 * than one request can end.
 */
export async function closeForDelete(deps: Deps, target: DeletionTarget): Promise<void> {
  const { noun, name, limit, where } = target
  if (!(await markDeleting(deps.table, limit))) throw await heldOrGone(deps, target)
  const { cancelled, complete } = await cancelWaitingRuns(deps, where, deletedMessage(target))
  if (cancelled > 0) deps.log.info('waiting runs cancelled', { ...where, cancelled, complete })
  if (complete) return
  const progress = `${noun} '${name}' is being deleted: ${cancelled} waiting flow runs were cancelled; more remain.`
  throw new DomainError('unfinished', `${progress} Repeat the request to continue.`)
}

/** The state message of its waiting runs. */
export function deletedMessage({ noun, name }: DeletionTarget): string {
  return `${noun} '${name}' of the run was deleted.`
}

async function heldOrGone(deps: Deps, { noun, name, limit }: DeletionTarget): Promise<DomainError> {
  const active = (await getLimits(deps.table, [limit])).get(limit)?.active
  if (active === undefined) return notFound(noun, name)
  const held = active === 1 ? 'a flow run is' : `${active} flow runs are`
  return new DomainError('still_held', `${noun} '${name}' can't be deleted while ${held} held under it.`)
}
