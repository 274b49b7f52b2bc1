import { ITEM_BYTES_MAX } from '#shared/bounds.ts'
import { type Deployment, deploymentIdOf } from '#shared/deployment/deployment.ts'
import {
  blankDeployment,
  changeDeployment,
  type DeploymentChange,
  NO_PLACE,
} from '#shared/deployment/deployment-change.ts'
import { patchSchedules, replaceSchedules, type ScheduleChange } from '#shared/deployment/schedules.ts'
import type { Deps } from '#shared/deps.ts'
import { assertJobVariables } from '#shared/engine/job/assert-job-variables.ts'
import { assertChangedParameters, assertNewParameters } from '#shared/engine/job/assert-parameters.ts'
import { hydrateParameters } from '#shared/engine/job/hydrate-parameters.ts'
import { planLaunchableJob } from '#shared/engine/job/plan-launchable-job.ts'
import { beingDeleted } from '#shared/engine/work-pool/being-deleted.ts'
import { DomainError, notFound } from '#shared/errors.ts'
import type { StoredDeployment } from '#shared/storage/deployment/deployment-codec.ts'
import { getStoredDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { fitsItem, putDeployment } from '#shared/storage/deployment/put-deployment.ts'
import { getFlow } from '#shared/storage/flow/get-flow.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { applyLimitChange, limitChangeOf } from './change-deployment-limit.ts'
import { ensurePool, namedPlace, placeDeployment } from './place-deployment.ts'

/** Conflicting writers decide again; more rounds than this mean that something is wrong. */
const ROUNDS_MAX = 10

/**
 * Creates a deployment, or changes the one of that flow and name: members that are given replace its own, and its
 * schedules are replaced (rules of Prefect's API). Raises not_found, invalid, too_large and being_deleted.
 */
export async function saveDeployment(
  deps: Deps,
  given: { flowId: string; name: string; change: DeploymentChange; schedules: readonly ScheduleChange[] },
): Promise<{ deployment: Deployment; created: boolean }> {
  const { flowId, name, change, schedules } = given
  await assertNewParameters(change)
  if (!(await getFlow(deps.table, flowId))) throw notFound('Flow', flowId)
  const id = deploymentIdOf(flowId, name)
  return await store(deps, id, { act: 'Error creating deployment', change }, (before) => {
    const now = deps.clock.now()
    const base = before ?? blankDeployment({ id, life: deps.ids.life(), flowId, name }, now)
    return { ...base, schedules: replaceSchedules(base.schedules, schedules, { now, newId: () => deps.ids.uuid() }) }
  })
}

/**
 * Changes a deployment; omitted members stay unchanged. Raises not_found, unresolved, invalid, too_large,
 * schema_mismatch and being_deleted.
 */
export async function updateDeployment(
  deps: Deps,
  id: string,
  given: DeploymentChange,
  schedules?: readonly ScheduleChange[],
): Promise<Deployment> {
  const { parameters } = given
  const change = parameters ? { ...given, parameters: await hydrateParameters(deps, 'deployment', parameters) } : given
  const { deployment } = await store(deps, id, { act: 'Error updating deployment', change }, async (before) => {
    if (!before) throw notFound('Deployment', id)
    await assertChangedParameters(before, change)
    if (!schedules) return before
    const context = { now: deps.clock.now(), newId: () => deps.ids.uuid() }
    return { ...before, schedules: patchSchedules(before.schedules, schedules, context) }
  })
  return deployment
}

/** Changes a deployment in a way that concerns neither its place nor its limit. Raises not_found, and what `edit` raises. */
export async function editDeployment(
  deps: Deps,
  id: string,
  edit: (before: Deployment) => Deployment,
): Promise<Deployment> {
  const { deployment } = await store(deps, id, { act: 'Error updating deployment', change: {} }, (before) => {
    if (!before) throw notFound('Deployment', id)
    return edit(before)
  })
  return deployment
}

interface Save {
  act: 'Error creating deployment' | 'Error updating deployment'
  change: DeploymentChange
}

/** Reads, decides and writes, and retries when another write came in between. */
async function store(
  deps: Deps,
  id: string,
  { act, change }: Save,
  start: (before: Deployment | undefined) => Deployment | Promise<Deployment>,
): Promise<{ deployment: Deployment; created: boolean }> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const before = await getStoredDeployment(deps.table, id)
    if (before?.deployment.deleting) throw beingDeleted('Deployment', before.deployment.name)
    const deployment = await decide(deps, before, await start(before?.deployment), { act, change })
    const limit = await limitChangeOf(deps, before?.deployment, deployment)
    const result = await putDeployment(deps.table, { before: before ?? null, deployment, limit })
    if (result === 'flow_gone') throw notFound('Flow', deployment.flowId)
    if (result === 'outdated') continue
    if (limit) await applyLimitChange(deps, { id, isNew: !before }, limit)
    deps.log.info('deployment saved', { deploymentId: id, created: !before, queueId: deployment.queueId })
    return { deployment, created: !before }
  }
  throw new DomainError('unavailable', `Deployment '${id}' is being modified concurrently; retry.`)
}

/** The new deployment, fully validated. */
async function decide(
  deps: Deps,
  before: StoredDeployment | undefined,
  start: Deployment,
  { act, change }: Save,
): Promise<Deployment> {
  const place = namedPlace(change, start)
  const now = Math.max(deps.clock.now(), (before?.deployment.updated ?? 0) + 1)
  const draft = changeDeployment(start, change, NO_PLACE, now)
  if (place || change.jobVariables) {
    const pool = place
      ? await ensurePool(deps, place.poolName)
      : start.poolId
        ? await getPool(deps.table, start.poolId)
        : undefined
    if (pool) await assertJobVariables(deps, act, pool.baseJobTemplate, draft.jobVariables)
    await planLaunchableJob(deps, { pool, deployment: draft.jobVariables, run: {} })
  }
  if (!fitsItem(draft)) {
    throw new DomainError('too_large', `The deployment exceeds its maximum size of ${ITEM_BYTES_MAX} bytes.`)
  }
  const { poolId, poolName, queueId, queueName } = place === undefined ? start : await placeDeployment(deps, place)
  return { ...draft, poolId, poolName, queueId, queueName }
}
