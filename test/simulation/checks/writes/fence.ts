import { parseStartedBy } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Step } from '../../machine/scheduler.ts'
import { waits } from '../judge.ts'

/** I6: what a process writes under a claim that has passed changes nothing, but that it was refused. */
export function staleWrites(before: FlowRun | undefined, run: FlowRun, { claim }: Pick<Step, 'claim'>): string[] {
  const by = claim === undefined ? undefined : parseStartedBy(claim)
  if (!before || by?.id !== run.id) return []
  const isOver = by.life !== before.life || by.generation !== before.generation || waits(before)
  if (!isOver) return []
  return essence(before) === essence(run)
    ? []
    : [`I6 run ${run.id} of generation ${before.generation} was changed by a process of ${claim}`]
}

const essence = (run: FlowRun): string => JSON.stringify({ ...run, revision: 0, refusedWrites: null, updated: null })
