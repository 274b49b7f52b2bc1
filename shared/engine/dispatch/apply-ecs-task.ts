import type { Deps } from '#shared/deps.ts'
import { type EcsTask, isStopped, parseStartedBy } from '#shared/ecs-task/ecs-task.ts'
import { judgeEcsTask } from '#shared/ecs-task/judge-ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { applyConsequences } from './apply-consequences.ts'
import { stopEcsTask } from './stop-ecs-task.ts'

export type AppliedEcsTask = 'stored' | 'ignored' | 'stopped' | 'foreign'

const ROUNDS_MAX = 10

/**
 * Applies a task's state, from an event or a DescribeTasks call. Idempotent, in any order. Raises an error when other
 * writers kept getting in between, so that the message is redelivered.
 */
export async function applyEcsTask(deps: Deps, task: EcsTask): Promise<AppliedEcsTask> {
  const startedFor = parseStartedBy(task.startedBy)
  if (!startedFor) return 'foreign'
  const { id: runId } = startedFor
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const run = await getRun(deps.table, runId)
    if (!run) return await stopUnwanted(deps, runId, task, 'The flow run has been deleted.')
    const verdict = judgeEcsTask(run, startedFor, task, deps.clock.now())
    switch (verdict.kind) {
      case 'ignore':
        return 'ignored'
      case 'stop':
        return await stopUnwanted(deps, runId, task, verdict.reason)
      case 'store':
        if (!(await saveRun(deps.table, run, verdict.run))) continue
        await announce(deps, run, verdict.run, task)
        return 'stored'
    }
  }
  throw new Error(`run ${runId} is being modified concurrently`)
}

async function stopUnwanted(deps: Deps, runId: string, task: EcsTask, reason: string): Promise<AppliedEcsTask> {
  if (isStopped(task)) return 'ignored'
  deps.log.warn('stopping an orphaned task', { runId, taskArn: task.taskArn, reason })
  deps.metrics.count('OrphansStopped', 1)
  await stopEcsTask(deps, runId, { taskArn: task.taskArn, reason })
  return 'stopped'
}

async function announce(deps: Deps, before: FlowRun, after: FlowRun, task: EcsTask): Promise<void> {
  const { taskArn, lastStatus } = task
  deps.log.info('task event applied', {
    runId: after.id,
    taskArn,
    lastStatus,
    from: before.state.name,
    to: after.state.name,
  })
  // A cancel that came before the task was known could not stop it then.
  if (after.claim === null || after.state.type === 'CANCELLING') await applyConsequences(deps, before, after)
}
