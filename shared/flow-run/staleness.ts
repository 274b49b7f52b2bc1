import type { FlowRun } from './flow-run.ts'
import { isWaiting } from './held-run.ts'
import type { Fence } from './verdict.ts'

/** Why a caller's claim on a run is another's by now, in a clause; undefined when it is not. */
export function staleness(run: Pick<FlowRun, 'life' | 'generation'>, fence: Fence): string | undefined {
  if (fence.life !== undefined && fence.life !== run.life) return 'the run was deleted and created again'
  if (fence.generation === run.generation) return undefined
  return `the run is in generation ${run.generation}, not ${fence.generation}`
}

/** Why a caller may write nothing of a run under its claim: it is another's by now, or over without another yet. */
export function lossOfClaim(run: FlowRun, fence: Fence): string | undefined {
  const lost = fence.generation > 0 && isWaiting(run)
  return staleness(run, fence) ?? (lost ? 'the run was taken back and waits to be claimed again' : undefined)
}
