import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import {
  InstantIn,
  InstantOut,
  JsonObject,
  maybe,
  named,
  numeric,
  patchable,
  UuidIn,
  UuidOut,
  withDefault,
} from '#shared/contract/wire.ts'
import { formatInstant } from '#shared/instant.ts'

const tag = 'Deployments'
const params = () => z.object({ id: UuidIn, schedule_id: UuidIn })
const RULE_CHARS_MAX = 10_000
const SLUG_CHARS_MAX = 255
const SCHEDULES_MAX = 100

const Timezone = z.string().check(z.refine(isTimezone, 'must be an IANA time zone'))

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const KINDS = ['interval', 'cron', 'rrule'] as const

/** When runs are due: exactly one of an interval (in seconds), a cron line or an RFC 5545 rule. */
export const ScheduleIn = named('ScheduleInput', () =>
  z
    .object({
      interval: maybe(numeric(z.number().check(z.gt(0)))),
      anchor_date: maybe(InstantIn),
      cron: maybe(z.string().check(z.minLength(1), z.maxLength(RULE_CHARS_MAX))),
      day_or: maybe(z.boolean()),
      rrule: maybe(z.string().check(z.minLength(1), z.maxLength(RULE_CHARS_MAX))),
      timezone: maybe(Timezone),
    })
    .check(
      z.refine(
        (schedule) => KINDS.filter((kind) => schedule[kind] !== undefined).length === 1,
        'must have exactly one of interval, cron and rrule',
      ),
    ),
)

/** A schedule as it is stored and answered. Prefect's clients refuse any member more than those of its kind. */
export function scheduleOf(given: z.output<typeof ScheduleIn>, now: number): Record<string, unknown> {
  const { interval, anchor_date = now, cron, day_or = true, rrule, timezone = 'UTC' } = given
  if (interval !== undefined) return { interval, anchor_date: formatInstant(anchor_date), timezone }
  return cron === undefined ? { rrule, timezone } : { cron, timezone, day_or }
}

const Slug = z.string().check(z.minLength(1), z.maxLength(SLUG_CHARS_MAX))

const DeploymentScheduleIn = named('DeploymentScheduleInput', () =>
  z.object({
    schedule: ScheduleIn,
    active: withDefault(z.boolean(), true),
    max_scheduled_runs: maybe(numeric(z.int().check(z.gte(1)))),
    parameters: withDefault(JsonObject, {}),
    slug: maybe(Slug),
    replaces: maybe(Slug),
  }),
)

/** A PATCH of a schedule; omitted members stay unchanged. */
const DeploymentScheduleUpdateIn = named('DeploymentScheduleUpdateRequest', () =>
  z.object({
    schedule: maybe(ScheduleIn),
    active: maybe(z.boolean()),
    max_scheduled_runs: patchable(numeric(z.int().check(z.gte(1)))),
    parameters: maybe(JsonObject),
    slug: maybe(Slug),
    replaces: maybe(Slug),
  }),
)

export const SchedulesIn = z.array(DeploymentScheduleIn).check(z.maxLength(SCHEDULES_MAX))
export const ScheduleChangesIn = z.array(DeploymentScheduleUpdateIn).check(z.maxLength(SCHEDULES_MAX))

export const DeploymentScheduleOut = named('DeploymentSchedule', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    deployment_id: UuidOut,
    schedule: JsonObject,
    active: z.boolean(),
    max_scheduled_runs: z.nullable(z.int()),
    parameters: JsonObject,
    slug: z.nullable(z.string()),
  }),
)

export const listDeploymentSchedules = endpoint({
  method: 'GET',
  path: '/deployments/:id/schedules',
  scope: 'work',
  tag,
  summary: "List a deployment's schedules.",
  params: () => z.object({ id: UuidIn }),
  reply: () => z.array(DeploymentScheduleOut),
  status: 200,
})

export const createDeploymentSchedules = endpoint({
  method: 'POST',
  path: '/deployments/:id/schedules',
  scope: 'operate',
  tag,
  summary: 'Create schedules of a deployment.',
  params: () => z.object({ id: UuidIn }),
  body: () => SchedulesIn,
  reply: () => z.array(DeploymentScheduleOut),
  status: 201,
})

export const updateDeploymentSchedule = endpoint({
  method: 'PATCH',
  path: '/deployments/:id/schedules/:schedule_id',
  scope: 'operate',
  tag,
  summary: 'Update a schedule; omitted fields stay unchanged.',
  params,
  body: () => DeploymentScheduleUpdateIn,
  status: 204,
})

export const deleteDeploymentSchedule = endpoint({
  method: 'DELETE',
  path: '/deployments/:id/schedules/:schedule_id',
  scope: 'operate',
  tag,
  summary: 'Delete a schedule.',
  params,
  status: 204,
})
