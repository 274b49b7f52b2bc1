import type { Deps } from '#shared/deps.ts'
import { DomainError, errorFields } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { withRefusedWrite } from '#shared/flow-run/refused-writes.ts'
import { lossOfClaim } from '#shared/flow-run/staleness.ts'
import type { Fence } from '#shared/flow-run/verdict.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'

/** What an old process tried, as its run keeps it; fewer than are kept, so that it can't push its own out. */
export type FencedWrite = 'set_state' | 'update' | 'delete' | 'input' | 'task_run'

/** Refuses a write of a run under a claim that is over, and writes that down. Raises stale_generation. */
export async function assertClaim(
  deps: Deps,
  run: FlowRun,
  fence: Fence | undefined,
  what: FencedWrite,
): Promise<void> {
  const loss = fence && lossOfClaim(run, fence)
  if (!loss) return
  await recordRefusedWrite(deps, run, fence, what)
  throw new DomainError('stale_generation', `The claim that the request names is over: ${loss}.`)
}

/** Writes down, once for its kind and generation, that a write was refused. Best effort: nothing depends on it. */
export async function recordRefusedWrite(deps: Deps, run: FlowRun, fence: Fence, what: FencedWrite): Promise<void> {
  const { generation, life } = fence
  deps.metrics.count('WritesFenced', 1)
  const refusedWrites = withRefusedWrite(run, { at: deps.clock.now(), generation, life, what })
  if (!refusedWrites) return
  try {
    await saveRun(deps.table, run, { ...run, refusedWrites })
    deps.log.warn('write under an old claim refused', { runId: run.id, generation, what })
  } catch (error) {
    deps.log.warn('refused write not recorded', { runId: run.id, ...errorFields(error) })
  }
}
