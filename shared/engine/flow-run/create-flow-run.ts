import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { type Job, jobKindOf } from '#shared/ecs-task/job.ts'
import type { PlannedJob } from '#shared/ecs-task/plan-job.ts'
import { applyConsequences } from '#shared/engine/dispatch/apply-consequences.ts'
import { planLaunchableJob } from '#shared/engine/job/plan-launchable-job.ts'
import { linkChild } from '#shared/engine/task-run/link-child.ts'
import { DomainError, invalidField, notFound } from '#shared/errors.ts'
import { advance } from '#shared/flow-run/advance.ts'
import { judgeFirstState } from '#shared/flow-run/first-state.ts'
import { type FlowRun, type FlowRunDetails, NO_POLICY, NO_REFUSED_WRITES } from '#shared/flow-run/flow-run.ts'
import { asRunId, runIdFromKey } from '#shared/flow-run/ids.ts'
import type { NewFlowRun } from '#shared/flow-run/new-flow-run.ts'
import { randomRunName } from '#shared/flow-run/run-name.ts'
import { newState } from '#shared/flow-run/state.ts'
import type { Instant } from '#shared/instant.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { createRun } from '#shared/storage/flow-run/create-run.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { cancelIfColliding } from './cancel-if-colliding.ts'
import { createClaimedRun } from './create-claimed-run.ts'
import { placeRun } from './place-run.ts'

/** What a new run belongs to, and where it waits. */
export interface RunSetting {
  deployment?: Deployment | undefined
  /** Undefined where it is in no pool. */
  queue?: { poolId: string; queueId: string } | undefined
  /** The job that its pool would launch now; absent for pools that launch nothing themselves. */
  planned?: PlannedJob | undefined
}

/**
 * Creates a run, once per idempotency key: a repeat returns the existing run. Everything that would make its launch
 * impossible is rejected here. The setting is read unless given; the caller resolves names of a pool or queue in the
 * input. One that is at work already is claimed in the same write. Raises not_found, invalid, no_slot, and conflict or
 * being_deleted where the run could never start.
 */
export async function createFlowRun(
  deps: Deps,
  input: NewFlowRun,
  setting?: RunSetting,
): Promise<{ run: FlowRun; created: boolean }> {
  const known = setting ?? (await getSetting(deps, input))
  const { planned } = known
  const fresh = newRun(deps, input, known, planned ? launchableJob(planned, known.deployment) : null)
  const run = await cancelIfColliding(deps, await withParent(deps, fresh), known.deployment)
  const created = await store(deps, run)
  if (created) {
    deps.log.info('flow run created', { runId: run.id, deploymentId: run.deploymentId, queueId: run.queueId })
    deps.metrics.count('RunsCreated', 1)
    // Other pools have no dispatcher to wake: their workers poll.
    if (planned) await applyConsequences(deps, run, run)
    return { run: created, created: true }
  }
  const existing = await getRun(deps.table, run.id)
  if (!existing) throw new DomainError('unavailable', 'The flow run was deleted while it was being created; retry.')
  return { run: existing, created: false }
}

/** Undefined when the id is taken. A run whose first generation begins with it is at work, and must be claimed. */
async function store(deps: Deps, run: FlowRun): Promise<FlowRun | undefined> {
  if (run.generation > 0) return await createClaimedRun(deps, run)
  return (await createRun(deps.table, run)) ? run : undefined
}

/**
 * Links the parent task run to the run before the run exists: a dangling link is harmless, but a subflow run unknown to
 * its parent would never be found.
 */
async function withParent(deps: Deps, run: FlowRun): Promise<FlowRun> {
  const { parentTaskRunId } = run.details
  if (!parentTaskRunId) return run
  if (!(await getTaskRun(deps.table, parentTaskRunId))) {
    throw invalidField(['body', 'parent_task_run_id'], 'task run not found')
  }
  const { flowRunId } = await linkChild(deps, parentTaskRunId, run.id)
  return { ...run, details: { ...run.details, parentFlowRunId: flowRunId } }
}

async function getSetting(deps: Deps, input: NewFlowRun): Promise<RunSetting> {
  const deployment = input.deploymentId ? await getDeployment(deps.table, input.deploymentId) : undefined
  if (input.deploymentId && !deployment) throw notFound('Deployment', input.deploymentId)
  const place = deployment && (await placeRun(deps, deployment))
  const layers = { deployment: deployment?.jobVariables ?? {}, run: input.details?.jobVariables ?? {} }
  const planned = await planLaunchableJob(deps, { pool: place?.pool, ...layers })
  return { deployment, queue: place?.queue, planned }
}

/** Raises invalid when there is nothing to launch. */
function launchableJob({ job }: PlannedJob, deployment: Deployment | undefined): Job {
  if (job.command !== null || deployment?.entrypoint) return job
  throw invalidField(
    ['body', 'job_variables', 'command'],
    'is required: the deployment has no entrypoint to run instead',
  )
}

function newRun(deps: Deps, input: NewFlowRun, { deployment, queue }: RunSetting, job: Job | null): FlowRun {
  const now = deps.clock.now()
  const state = newState(input.state?.type ?? 'SCHEDULED', now, input.state)
  const due = state.details.scheduledTime ?? now
  const { poolId = null, queueId = null } = queue ?? {}
  const deploymentId = deployment?.id ?? null
  const first = judgeFirstState({ deploymentId, poolId }, state.type, { pushed: job !== null })
  if (typeof first === 'object') throw invalidField(['body', 'state', 'type'], first.problem)
  const key = input.details?.idempotencyKey
  const id = key ? runIdFromKey(input, key) : asRunId(deps.ids.uuid())
  return advance(
    {
      ...blankRun(id, input.flowId, now, due),
      life: deps.ids.life(),
      generation: first === 'claimed' ? 1 : 0,
      deploymentId,
      poolId,
      queueId,
      job: job && jobKindOf(deployment?.entrypoint),
      timeoutSeconds: job?.timeoutSeconds ?? null,
      policy: { ...NO_POLICY, ...input.policy },
      details: detailsOf(deps, input, deployment),
    },
    state,
    {},
    input.origin,
  )
}

function detailsOf(deps: Deps, { details }: NewFlowRun, deployment: Deployment | undefined): FlowRunDetails {
  return {
    name: details?.name || randomRunName(() => deps.ids.random()),
    tags: details?.tags ?? [],
    labels: { ...deployment?.labels, ...details?.labels },
    parameters: details?.parameters ?? {},
    context: details?.context ?? {},
    jobVariables: details?.jobVariables ?? {},
    idempotencyKey: details?.idempotencyKey ?? null,
    parentTaskRunId: details?.parentTaskRunId ?? null,
    parentFlowRunId: null,
    autoScheduled: details?.autoScheduled ?? false,
    createdBy: details?.createdBy ?? null,
    flowVersion: details?.flowVersion ?? null,
    deploymentVersion: deployment?.version ?? details?.deploymentVersion ?? null,
    infrastructureDocumentId: details?.infrastructureDocumentId ?? deployment?.infrastructureDocumentId ?? null,
  }
}

/** A run before its first state. */
function blankRun(id: string, flowId: string, now: Instant, due: Instant): Omit<FlowRun, 'details' | 'life'> {
  return {
    id,
    flowId,
    deploymentId: null,
    poolId: null,
    queueId: null,
    job: null,
    state: { type: 'SCHEDULED', name: '', timestamp: 0, message: null, data: null, details: {} },
    stateSequence: 0,
    history: [],
    generation: 0,
    claim: null,
    launch: null,
    pastLaunches: [],
    refusedWrites: NO_REFUSED_WRITES,
    launchRefusals: 0,
    blockedBy: null,
    timeoutSeconds: null,
    policy: NO_POLICY,
    runCount: 0,
    expectedStartTime: due,
    nextScheduledStartTime: null,
    startTime: null,
    endTime: null,
    totalRunTimeSeconds: 0,
    infrastructurePid: null,
    created: now,
    updated: now,
    revision: 0,
  }
}
