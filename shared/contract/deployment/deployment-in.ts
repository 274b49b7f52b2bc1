import * as z from 'zod/mini'
import {
  ConcurrencyLimitIn,
  JsonObject,
  maybe,
  NameIn,
  named,
  numeric,
  ParametersIn,
  patchable,
  Tags,
  UuidIn,
} from '#shared/contract/wire.ts'
import type { DeploymentChange } from '#shared/deployment/deployment-change.ts'
import type { ScheduleChange } from '#shared/deployment/schedules.ts'
import type { Instant } from '#shared/instant.ts'
import { ScheduleChangesIn, ScheduleIn, SchedulesIn, scheduleOf } from './deployment-schedule.ts'

const TEXT_CHARS_MAX = 20_000
const Text = z.string().check(z.maxLength(TEXT_CHARS_MAX))
const GRACE_SECONDS = { min: 60, max: 86_400 }

const ConcurrencyOptionsIn = named('ConcurrencyOptionsInput', () =>
  z.object({
    collision_strategy: z.enum(['ENQUEUE', 'CANCEL_NEW']),
    grace_period_seconds: maybe(numeric(z.int().check(z.gte(GRACE_SECONDS.min), z.lte(GRACE_SECONDS.max)))),
  }),
)

/** What a deployment's create and update have in common; Prefect 2's names for the same things are taken, too. */
const deploymentMembers = () => ({
  version: patchable(Text),
  description: patchable(Text),
  paused: maybe(z.boolean()),
  concurrency_limit: patchable(ConcurrencyLimitIn),
  concurrency_options: patchable(ConcurrencyOptionsIn),
  global_concurrency_limit_id: z.optional(z.null('shared limits are not supported; set concurrency_limit')),
  parameters: maybe(ParametersIn),
  parameter_openapi_schema: patchable(JsonObject),
  enforce_parameter_schema: maybe(z.boolean()),
  tags: maybe(Tags),
  labels: maybe(JsonObject),
  work_pool_name: patchable(NameIn),
  work_queue_name: patchable(NameIn),
  job_variables: maybe(JsonObject),
  path: patchable(Text),
  entrypoint: patchable(Text),
  pull_steps: patchable(z.array(JsonObject)),
  storage_document_id: patchable(UuidIn),
  infrastructure_document_id: patchable(UuidIn),
  infra_overrides: maybe(JsonObject),
  on_agent_lost: maybe(z.enum(['crash', 'requeue'])),
  is_schedule_active: maybe(z.boolean()),
  schedule: maybe(ScheduleIn),
})

export const DeploymentCreateIn = named('DeploymentCreateRequest', () =>
  z.object({
    ...deploymentMembers(),
    name: NameIn,
    flow_id: UuidIn,
    schedules: maybe(SchedulesIn),
  }),
)
export const DeploymentUpdateIn = named('DeploymentUpdateRequest', () =>
  z.object({ ...deploymentMembers(), schedules: maybe(ScheduleChangesIn) }),
)

type Members = Omit<z.output<typeof DeploymentCreateIn>, 'name' | 'flow_id' | 'schedules'>

/** The deployment members of a request, without its schedules. */
export function parseDeploymentChange(wire: Members): DeploymentChange {
  const options = wire.concurrency_options
  return {
    version: wire.version,
    description: wire.description,
    paused: wire.paused ?? (wire.is_schedule_active === undefined ? undefined : !wire.is_schedule_active),
    concurrencyLimit: wire.concurrency_limit,
    concurrencyOptions: options && {
      collisionStrategy: options.collision_strategy,
      gracePeriodSeconds: options.grace_period_seconds ?? null,
    },
    jobVariables: wire.job_variables ?? wire.infra_overrides,
    parameters: wire.parameters,
    parameterOpenapiSchema: wire.parameter_openapi_schema,
    enforceParameterSchema: wire.enforce_parameter_schema,
    tags: wire.tags,
    labels: wire.labels,
    path: wire.path,
    entrypoint: wire.entrypoint,
    pullSteps: wire.pull_steps,
    storageDocumentId: wire.storage_document_id,
    infrastructureDocumentId: wire.infrastructure_document_id,
    onAgentLost: wire.on_agent_lost,
    poolName: wire.work_pool_name,
    queueName: wire.work_queue_name,
  }
}

type ScheduleMembers = z.output<typeof ScheduleChangesIn>[number] | z.output<typeof SchedulesIn>[number]

/** The members of one schedule in a request. */
export function parseSchedule(wire: ScheduleMembers, now: Instant): ScheduleChange {
  return {
    schedule: wire.schedule && scheduleOf(wire.schedule, now),
    active: wire.active,
    maxScheduledRuns: wire.max_scheduled_runs,
    parameters: wire.parameters,
    slug: wire.slug,
    replaces: wire.replaces,
  }
}

/** The schedules of a create or update, Prefect 2's single one included; undefined for none. */
export function parseSchedules(
  wire: { schedules?: ScheduleMembers[] | undefined; schedule?: z.output<typeof ScheduleIn> | undefined },
  now: Instant,
): ScheduleChange[] | undefined {
  if (wire.schedules) return wire.schedules.map((schedule) => parseSchedule(schedule, now))
  return wire.schedule && [{ schedule: scheduleOf(wire.schedule, now) }]
}
