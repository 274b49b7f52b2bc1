import { DELETION_BACKOFF_SECONDS, type Deletion } from '#shared/deletion/deletion.ts'
import type { Deps } from '#shared/deps.ts'
import { cancelRunsOf } from '#shared/engine/deletion/close-for-delete.ts'
import { deleteDeploymentLife } from '#shared/engine/deployment/delete-deployment.ts'
import { deleteBelongings } from '#shared/engine/flow-run/delete-flow-run.ts'
import { deletePoolLife } from '#shared/engine/work-pool/delete-work-pool.ts'
import { deleteQueueLife } from '#shared/engine/work-pool/delete-work-queue.ts'
import { DomainError, errorFields } from '#shared/errors.ts'
import { addSeconds } from '#shared/instant.ts'
import { forgetDeletion } from '#shared/storage/deletion/forget-deletion.ts'
import { listDeletions } from '#shared/storage/deletion/list-deletions.ts'
import { postponeDeletion } from '#shared/storage/deletion/postpone-deletion.ts'

/** Deletions that one sweep looks at, and how many at a time. */
const DELETIONS_MAX = 500
const WIDTH = 10

/**
 * Finishes deletions that were cut short or were too long for a request, and looks once more after those that were not,
 * for what came in between. One that fails is tried again later, after the others. Returns how many were finished.
 */
export async function finishDeletions(deps: Deps): Promise<number> {
  const due = await listDeletions(deps.table, deps.clock.now(), DELETIONS_MAX)
  let finished = 0
  for (let at = 0; at < due.length; at += WIDTH) {
    const results = await Promise.all(due.slice(at, at + WIDTH).map((deletion) => finish(deps, deletion)))
    finished += results.filter(Boolean).length
  }
  return finished
}

async function finish(deps: Deps, deletion: Deletion): Promise<boolean> {
  try {
    if (!(await goOn(deps, deletion))) return false
    await forgetDeletion(deps.table, deletion)
    return true
  } catch (error) {
    // It went on as far as it could, and said where the next sweep goes on.
    if (error instanceof DomainError && error.code === 'unfinished') return false
    const { kind, id } = deletion
    deps.log.error('deletion not finished', { kind, id, ...errorFields(error) })
    const due = addSeconds(deps.clock.now(), DELETION_BACKOFF_SECONDS)
    await postponeDeletion(deps.table, { ...deletion, due })
    return false
  }
}

/** True when nothing is left to do. What is deleted only now gets a last look in a later sweep, for what came in between. */
async function goOn(deps: Deps, deletion: Deletion): Promise<boolean> {
  const { kind, id, life, name = id, poolId = '', from } = deletion
  try {
    if (kind === 'run') await deleteBelongings(deps, { id, life })
    else if (kind === 'pool') await deletePoolLife(deps, { id, life, name })
    else if (kind === 'queue') await deleteQueueLife(deps, { id, life, name, poolId })
    else await deleteDeploymentLife(deps, { id, life, name }, from)
    return kind === 'run'
  } catch (error) {
    if (!(error instanceof DomainError && error.code === 'not_found')) throw error
    return await lookOnce(deps, deletion)
  }
}

/** Ends the runs that were created while a thing went that is gone now. True unless there are more of them. */
async function lookOnce(deps: Deps, deletion: Deletion): Promise<boolean> {
  const { kind, id, life, name = id, poolId = '', from } = deletion
  // A pool's lines are looked at as long as they are known.
  if (kind === 'run' || kind === 'pool') return true
  const where = kind === 'queue' ? { poolId, queueId: id } : { deploymentId: id }
  const result = await cancelRunsOf(deps, { kind, id, life, name, where }, from)
  if (result.outcome !== 'more') return true
  await postponeDeletion(deps.table, { ...deletion, from: result.from })
  return false
}
