import type { Deps } from '#shared/deps.ts'
import { judgeHold } from '#shared/ecs-task/judge-hold.ts'
import { applyVerdict, type Inspection, inspectionPass } from '#shared/engine/dispatch/inspect-run.ts'
import { isDispatched } from '#shared/flow-run/held-run.ts'
import { NEVER } from '#shared/instant.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'

/** Inspects one held run, as a sweep does once its lease has run out. */
export async function inspectRun(deps: Deps, runId: string): Promise<Inspection> {
  const run = await getRun(deps.table, runId)
  if (!run) return 'gone'
  const pass = inspectionPass(deps, run.poolId, { deadline: NEVER })
  const evidence = isDispatched(run) ? (await pass.ecs.on([run])).get(run.id) : undefined
  return await applyVerdict(deps, run, judgeHold(run, evidence ?? {}, deps.clock.now()), pass)
}
