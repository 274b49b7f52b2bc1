import { DELETION_BACKOFF_SECONDS, type Deletion, isLastLook } from '#shared/deletion/deletion.ts'
import type { Deps } from '#shared/deps.ts'
import { cancelRunsOf } from '#shared/engine/deletion/close-for-delete.ts'
import { deleteDeploymentLife } from '#shared/engine/deployment/delete-deployment.ts'
import { deleteBelongings } from '#shared/engine/flow-run/delete-flow-run.ts'
import { deletePoolLife } from '#shared/engine/work-pool/delete-work-pool.ts'
import { deleteQueueLife } from '#shared/engine/work-pool/delete-work-queue.ts'
import { DomainError, errorFields } from '#shared/errors.ts'
import { addSeconds } from '#shared/instant.ts'
import { poolLimit, queueLimit } from '#shared/limit/limit.ts'
import type { DeletedThing } from '#shared/storage/deletion/deletion-check.ts'
import { forgetDeletion } from '#shared/storage/deletion/forget-deletion.ts'
import { listDeletions } from '#shared/storage/deletion/list-deletions.ts'
import { postponeDeletion } from '#shared/storage/deletion/postpone-deletion.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { getLimitLife } from '#shared/storage/limit/get-limit-life.ts'

/** Deletions that one sweep looks at, and how many at a time. */
const DELETIONS_MAX = 500
const WIDTH = 10

/** Deletions of what is gone that the sweeps of this process have looked after; a cold start looks once more. */
const lookedAfter = new WeakMap<Table, Set<string>>()

/**
 * Finishes deletions that were cut short or were too long for a request. After each it looks for what came in between: as
 * soon as the request must be done, and a last time when no index hides anything from it any more. One that fails is tried
 * again later, after the others. Returns how many were finished.
 */
export async function finishDeletions(deps: Deps): Promise<number> {
  const due = await listDue(deps)
  let finished = 0
  for (let at = 0; at < due.length; at += WIDTH) {
    const results = await Promise.all(due.slice(at, at + WIDTH).map((deletion) => finish(deps, deletion)))
    finished += results.filter(Boolean).length
  }
  return finished
}

async function listDue({ table, clock }: Deps): Promise<Deletion[]> {
  const now = clock.now()
  const before = lookedAfter.get(table)
  const waiting = new Set<string>()
  lookedAfter.set(table, waiting)
  return await listDeletions(table, DELETIONS_MAX, (deletion) => {
    if (deletion.due > now) return false
    if (isLastLook(deletion, now) || !before?.has(nameOf(deletion))) return true
    waiting.add(nameOf(deletion))
    return false
  })
}

const nameOf = ({ kind, id, life, due }: Deletion): string => `${kind}#${id}#${life}#${due}`

async function finish(deps: Deps, deletion: Deletion): Promise<boolean> {
  const last = isLastLook(deletion, deps.clock.now())
  try {
    if (!(await goOn(deps, deletion))) return false
    if (last) await forgetDeletion(deps.table, deletion)
    else lookedAfter.get(deps.table)?.add(nameOf(deletion))
    return last
  } catch (error) {
    // It went on as far as it could, and said where the next sweep goes on; or another process has finished it.
    if (error instanceof DomainError && ['unfinished', 'not_found'].includes(error.code)) return false
    const { kind, id } = deletion
    deps.log.error('deletion not finished', { kind, id, ...errorFields(error) })
    const due = addSeconds(deps.clock.now(), DELETION_BACKOFF_SECONDS)
    await postponeDeletion(deps.table, { ...deletion, due })
    return false
  }
}

/** True when nothing is left to do. What is deleted only now is looked after in later sweeps. */
async function goOn(deps: Deps, deletion: Deletion): Promise<boolean> {
  const { kind, id, life, name = id, poolId = '', from } = deletion
  if (kind === 'run') {
    await deleteBelongings(deps, { id, life })
    return true
  }
  // Found out by a read, as a write is refused at the price of one that is made.
  if ((await currentLife(deps, kind, id)) !== life) return await lookAfter(deps, deletion)
  if (kind === 'pool') await deletePoolLife(deps, { id, life, name })
  else if (kind === 'queue') await deleteQueueLife(deps, { id, life, name, poolId })
  else await deleteDeploymentLife(deps, { id, life, name }, from)
  return false
}

async function currentLife({ table }: Deps, kind: DeletedThing['kind'], id: string): Promise<string | undefined> {
  if (kind === 'deployment') return (await getDeployment(table, id))?.life
  return (await getLimitLife(table, kind === 'pool' ? poolLimit(id) : queueLimit(id)))?.life
}

/** Ends the runs that were created while a thing went that is gone now. True unless there are more of them. */
async function lookAfter(deps: Deps, deletion: Deletion): Promise<boolean> {
  const { kind, id, life, name = id, poolId = '', from } = deletion
  // A pool's lines are looked at as long as they are known.
  if (kind === 'run' || kind === 'pool') return true
  const where = kind === 'queue' ? { poolId, queueId: id } : { deploymentId: id }
  const result = await cancelRunsOf(deps, { kind, id, life, name, where }, from)
  const more = result.outcome === 'more'
  // The last look begins at the front again.
  if (more || from) await postponeDeletion(deps.table, { ...deletion, from: more ? result.from : undefined })
  return !more
}
