import { isDeepStrictEqual } from 'node:util'
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
  return isDeepStrictEqual(essence(before), essence(run))
    ? []
    : [`I6 run ${run.id} of generation ${before.generation} was changed by a process of ${claim}`]
}

/** I6, the other way round: nothing is refused of the process that has the claim. */
export function wrongRefusals(before: FlowRun | undefined, run: FlowRun): string[] {
  const refused = run.refusedWrites?.last.at(-1)
  if (!before || !refused) return []
  const isNew = !isDeepStrictEqual(refused, before.refusedWrites?.last.at(-1))
  const isCurrent = refused.generation === before.generation && (refused.life ?? before.life) === before.life
  return isNew && isCurrent && !waits(before)
    ? [`I6 run ${run.id}, ${before.state.type}, has refused a write of the claim that it is under`]
    : []
}

// The engine keeps the members of maps in an order of its own.
const essence = (run: FlowRun) => ({ ...run, revision: 0, refusedWrites: null, updated: null })
