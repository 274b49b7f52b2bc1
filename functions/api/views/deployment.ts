import type { Deployment, DeploymentSchedule } from '#shared/deployment/deployment.ts'
import type { DeploymentView } from '#shared/engine/deployment/get-deployment-views.ts'
import { idFromName } from '#shared/ids.ts'
import { formatInstant } from '#shared/instant.ts'
import type { Limit } from '#shared/limit/limit.ts'
import { orNull } from './flow-run-state.ts'

/** A deployment as Prefect's clients read it. */
export function deploymentView({ deployment, limit, lastPolled, ready }: DeploymentView) {
  return {
    id: deployment.id,
    created: formatInstant(deployment.created),
    updated: formatInstant(deployment.updated),
    name: deployment.name,
    version: deployment.version,
    description: deployment.description,
    flow_id: deployment.flowId,
    paused: deployment.paused,
    schedules: deployment.schedules.map((schedule) => scheduleView(deployment.id, schedule)),
    // Prefect keeps the cap in a limit of its own, and leaves this old member empty.
    concurrency_limit: null,
    global_concurrency_limit: limitView(deployment, limit),
    concurrency_options: deployment.collisionStrategy && {
      collision_strategy: deployment.collisionStrategy,
      grace_period_seconds: deployment.gracePeriodSeconds,
    },
    job_variables: deployment.jobVariables,
    parameters: deployment.parameters,
    tags: deployment.tags,
    labels: deployment.labels,
    work_queue_name: deployment.queueName,
    work_queue_id: deployment.queueId,
    work_pool_name: deployment.poolName,
    last_polled: orNull(lastPolled),
    parameter_openapi_schema: deployment.parameterOpenapiSchema,
    path: deployment.path,
    pull_steps: deployment.pullSteps,
    entrypoint: deployment.entrypoint,
    storage_document_id: deployment.storageDocumentId,
    infrastructure_document_id: deployment.infrastructureDocumentId,
    created_by: null,
    updated_by: null,
    status: ready ? ('READY' as const) : ('NOT_READY' as const),
    enforce_parameter_schema: deployment.enforceParameterSchema,
    on_agent_lost: deployment.onAgentLost ?? ('crash' as const),
  }
}

/** The deployment's own limit in the form of Prefect's global limits, under Prefect's name for it. */
function limitView(deployment: Deployment, limit: Limit | undefined) {
  const cap = limit ? limit.limit : deployment.concurrencyLimit
  if (cap === null) return null
  return {
    id: idFromName('deployment-limit', deployment.id),
    created: formatInstant(deployment.created),
    updated: formatInstant(deployment.updated),
    name: `deployment:${deployment.id}`,
    limit: cap,
    active: true,
    active_slots: limit?.active ?? 0,
    slot_decay_per_second: 0,
  }
}

/** A schedule; its rule is stored as it is answered, since Prefect's clients refuse a rule with any member more. */
export function scheduleView(deploymentId: string, schedule: DeploymentSchedule) {
  return {
    id: schedule.id,
    created: formatInstant(schedule.created),
    updated: formatInstant(schedule.updated),
    deployment_id: deploymentId,
    schedule: schedule.schedule,
    active: schedule.active,
    max_scheduled_runs: schedule.maxScheduledRuns,
    parameters: schedule.parameters,
    slug: schedule.slug,
  }
}
