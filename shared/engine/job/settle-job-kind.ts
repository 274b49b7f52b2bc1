import type { Deps } from '#shared/deps.ts'
import { jobKindOf } from '#shared/ecs-task/job.ts'
import { DomainError } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import type { LaunchContext } from './launch-contexts.ts'
import { planPushJob } from './plan-push-job.ts'

/**
 * Plans the job of a run that was created when its pool launched nothing, and writes down what kind it is, before
 * anything is started: how the task's end is read depends on it. Undefined when another write came first. A job that
 * can't be planned is left to the launch, which says why.
 */
export async function settleJobKind(
  deps: Deps,
  run: FlowRun,
  { pool, deployment }: LaunchContext,
): Promise<FlowRun | undefined> {
  const layers = {
    template: pool?.baseJobTemplate ?? {},
    deployment: deployment?.jobVariables ?? {},
    run: run.details.jobVariables,
  }
  try {
    const { job } = await planPushJob(deps, layers)
    const settled = { ...run, job: jobKindOf(deployment?.entrypoint), timeoutSeconds: job.timeoutSeconds }
    return (await saveRun(deps.table, run, settled)) ? { ...settled, revision: run.revision + 1 } : undefined
  } catch (error) {
    if (error instanceof DomainError && error.code === 'invalid') return run
    throw error
  }
}
