import type { Deps } from '#shared/deps.ts'
import { assertClaim } from '#shared/engine/fence/assert-claim.ts'
import { deleteTaskRuns } from '#shared/engine/task-run/delete-task-runs.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import { isHeld } from '#shared/flow-run/held-run.ts'
import type { RunRef } from '#shared/flow-run/run-ref.ts'
import type { Fence } from '#shared/flow-run/verdict.ts'
import { deleteRun } from '#shared/storage/flow-run/delete-run.ts'
import { deleteRunInputs } from '#shared/storage/flow-run/delete-run-inputs.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { deleteLogs } from '#shared/storage/log/delete-logs.ts'

const ROUNDS_MAX = 10

/**
 * Deletes a run, then its logs, inputs and task runs; the sweep looks for these once more, so that it deletes what was
 * left if this is cut short, and what was written at that time. A run that is held is refused: its slots belong to work that
 * may be running, and only the run's end releases them. Raises not_found, still_held and
 * stale_generation.
 */
export async function deleteFlowRun(deps: Deps, runId: string, fence?: Fence): Promise<void> {
  let life: string | undefined
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const run = await getRun(deps.table, runId)
    life ??= run?.life
    // The next life of a run that another request deleted in between is not meant.
    if (!run || run.life !== life) throw notFound('Flow run', runId)
    await assertClaim(deps, run, fence, 'delete')
    if (isHeld(run)) {
      throw new DomainError('still_held', `The flow run is ${run.state.type} and holds slots; cancel it first.`)
    }
    if (!(await deleteRun(deps.table, run, deps.clock.now()))) continue
    await deleteBelongings(deps, run)
    deps.log.info('flow run deleted', { runId, life })
    return
  }
  throw new DomainError('unavailable', `Flow run '${runId}' is being modified concurrently; retry.`)
}

/** Deletes what belongs to a life of a run that is over: logs, inputs and task runs. */
export async function deleteBelongings(deps: Deps, run: RunRef): Promise<void> {
  await deleteLogs(deps.table, run)
  await deleteTaskRuns(deps, run)
  await deleteRunInputs(deps.table, run)
}
