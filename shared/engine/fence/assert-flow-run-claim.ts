import type { Deps } from '#shared/deps.ts'
import { fenceFor, type NamedClaim } from '#shared/flow-run/named-claim.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { assertClaim } from './assert-claim.ts'

/**
 * Refuses a write of a task run by a process whose claim on the flow run is over. It costs reads only where a claim is
 * named. Raises stale_generation.
 */
export async function assertFlowRunClaim(
  deps: Deps,
  task: { flowRunId: string | null } | { taskRunId: string },
  named: NamedClaim | undefined,
): Promise<void> {
  if (!named) return
  const flowRunId = 'taskRunId' in task ? (await getTaskRun(deps.table, task.taskRunId))?.flowRunId : task.flowRunId
  if (!flowRunId) return
  const fence = fenceFor(named, flowRunId)
  const run = fence && (await getRun(deps.table, flowRunId))
  if (run) await assertClaim(deps, run, fence, 'task_run')
}
