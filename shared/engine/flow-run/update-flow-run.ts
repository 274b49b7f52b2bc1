import type { Deps } from '#shared/deps.ts'
import { assertClaim } from '#shared/engine/fence/assert-claim.ts'
import { assertJobVariables } from '#shared/engine/job/assert-job-variables.ts'
import { planLaunchableJob } from '#shared/engine/job/plan-launchable-job.ts'
import { DomainError, invalidField, notFound } from '#shared/errors.ts'
import type { FlowRun, FlowRunDetails, RetrySettings } from '#shared/flow-run/flow-run.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import type { Fence } from '#shared/flow-run/verdict.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'

export interface FlowRunChange {
  details: Partial<FlowRunDetails>
  policy: Partial<RetrySettings>
  /** Null clears it; undefined leaves it. */
  infrastructurePid?: string | null | undefined
}

const ROUNDS_MAX = 10

/**
 * Updates a run's details; only set_state changes its state. Job variables can change only while the run waits, since
 * they decide its launch (a rule of Prefect's API). Raises not_found, conflict, stale_generation and unavailable.
 */
export async function updateFlowRun(deps: Deps, runId: string, change: FlowRunChange, fence?: Fence): Promise<FlowRun> {
  const { details, policy, infrastructurePid } = change
  return await editFlowRun(deps, runId, fence, async (run) => {
    return {
      ...run,
      ...(details.jobVariables ? await jobOf(deps, run, details.jobVariables) : {}),
      details: { ...run.details, ...details },
      policy: { ...run.policy, ...policy },
      infrastructurePid: infrastructurePid === undefined ? run.infrastructurePid : infrastructurePid,
    }
  })
}

/** Adds to a run's labels; a label that is there gets the new value. Raises not_found, stale_generation and unavailable. */
export async function addLabels(
  deps: Deps,
  runId: string,
  labels: Record<string, unknown>,
  fence?: Fence,
): Promise<void> {
  await editFlowRun(deps, runId, fence, (run) => ({
    ...run,
    details: { ...run.details, labels: { ...run.details.labels, ...labels } },
  }))
}

/** The change of the run itself by new job variables, once validated. */
async function jobOf(
  deps: Deps,
  run: FlowRun,
  jobVariables: Record<string, unknown>,
): Promise<Partial<Pick<FlowRun, 'timeoutSeconds'>>> {
  if (!isWaiting(run)) {
    const msg = `The job variables of a ${run.state.type} flow run can't be changed.`
    throw new DomainError('conflict', msg)
  }
  const [deployment, pool] = await Promise.all([
    run.deploymentId ? getDeployment(deps.table, run.deploymentId) : undefined,
    run.poolId ? getPool(deps.table, run.poolId) : undefined,
  ])
  const inherited = deployment?.jobVariables ?? {}
  if (pool) await assertJobVariables(deps, 'Error updating flow run', pool.baseJobTemplate, inherited, jobVariables)
  const planned = await planLaunchableJob(deps, { pool, deployment: inherited, run: jobVariables })
  if (!planned) return {}
  const { job } = planned
  if (job.command === null && run.job === 'command') {
    throw invalidField(['body', 'job_variables', 'command'], 'is required: there is no flow to run instead')
  }
  return { timeoutSeconds: job.timeoutSeconds }
}

/** Reads, decides and writes, and retries when another write came in between. */
async function editFlowRun(
  deps: Deps,
  runId: string,
  fence: Fence | undefined,
  edit: (run: FlowRun) => FlowRun | Promise<FlowRun>,
): Promise<FlowRun> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = await getRun(deps.table, runId)
    if (!before) throw notFound('Flow run', runId)
    await assertClaim(deps, before, fence, 'update')
    const after = { ...(await edit(before)), updated: deps.clock.now() }
    if (await saveRun(deps.table, before, after)) return after
  }
  throw new DomainError('unavailable', `Flow run '${runId}' is being modified concurrently; retry.`)
}
