import type { Deps } from '#shared/deps.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { DEPLOYMENT_DELETED } from '#shared/flow-run/messages.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { type DeletedThing, deletionCheck } from '#shared/storage/deletion/deletion-check.ts'
import { getLimitLife } from '#shared/storage/limit/get-limit-life.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { type CancelResult, cancelWaitingRuns } from './cancel-waiting-runs.ts'
import type { Where } from './line-ranges.ts'

/** A life of a pool or a queue that is to be deleted. */
export interface DeletionTarget extends DeletedThing {
  kind: 'pool' | 'queue'
  name: string
  limit: LimitKey
  /** Where its waiting runs are. */
  where: Where & { poolId: string }
}

/** What it is called in messages. */
const NOUN = { pool: 'Work pool', queue: 'Work queue', deployment: 'Deployment' } as const

/**
 * Makes a pool or queue ready to be removed: stops claims for good, if nothing is held under it now, then ends the runs
 * that wait. May be repeated. Raises still_held, not_found, and unfinished when more runs wait than one request can end.
 */
export async function closeForDelete(deps: Deps, target: DeletionTarget): Promise<void> {
  const { kind, id, life, name, limit, where } = target
  const deletion = { kind, id, life, name, ...(kind === 'queue' ? { poolId: where.poolId } : {}) }
  if (!(await markDeleting(deps.table, limit, deletion, deps.clock.now()))) throw await heldOrGone(deps, target)
  const { cancelled, outcome } = await cancelRunsOf(deps, target)
  if (outcome === 'outdated') throw notFound(NOUN[kind], name)
  if (outcome === 'more') throw unfinished(target, cancelled)
}

/** Ends the runs that wait where something is deleted; those of its next life are left alone. */
export async function cancelRunsOf(
  deps: Deps,
  target: DeletedThing & { name: string; where: Where },
  from?: CancelResult['from'],
): Promise<CancelResult> {
  const { kind, name, where } = target
  const message = kind === 'deployment' ? DEPLOYMENT_DELETED : `${NOUN[kind]} '${name}' of the run was deleted.`
  const result = await cancelWaitingRuns(deps, { where, message, check: deletionCheck(deps.table, target), from })
  const { cancelled, outcome } = result
  if (cancelled > 0) deps.log.info('waiting runs cancelled', { ...where, cancelled, outcome })
  return result
}

/** A deletion that is too long for one request. */
export function unfinished(
  { kind, name }: Pick<DeletionTarget, 'name'> & DeletedThing,
  cancelled: number,
): DomainError {
  const progress = `${NOUN[kind]} '${name}' is being deleted: ${cancelled} waiting flow runs were cancelled; more remain.`
  return new DomainError('unfinished', `${progress} It goes on within minutes; repeat the request to hurry it.`)
}

async function heldOrGone(deps: Deps, { kind, name, life, limit }: DeletionTarget): Promise<DomainError> {
  const own = await getLimitLife(deps.table, limit)
  if (own?.life !== life) return notFound(NOUN[kind], name)
  const { active } = own
  const held = active === 1 ? 'a flow run is' : `${active} flow runs are`
  return new DomainError('still_held', `${NOUN[kind]} '${name}' can't be deleted while ${held} held under it.`)
}
