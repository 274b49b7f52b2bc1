import type { FlowRun } from './flow-run.ts'
import type { Fence } from './verdict.ts'

/** Why a caller's claim on a run is no longer the current one; undefined when it is. */
export function staleness(run: Pick<FlowRun, 'life' | 'generation'>, fence: Fence): string | undefined {
  if (fence.life !== undefined && fence.life !== run.life) {
    return 'stale_generation: the run was deleted and created again.'
  }
  if (fence.generation === run.generation) return undefined
  return `stale_generation: the run is in generation ${run.generation}, not ${fence.generation}.`
}
