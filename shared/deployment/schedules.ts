import { isDeepStrictEqual } from 'node:util'
import { invalidField, notFound } from '#shared/errors.ts'
import type { Instant } from '#shared/instant.ts'
import type { DeploymentSchedule } from './deployment.ts'
import type { ScheduleInput } from './deployment-change.ts'

/**
 * How a deployment's schedules change. Prefect keeps them in a table of their own; here they are part of the deployment,
 * so that one write changes them together with it. All of this is pure; `newId` gives an id to a schedule that is new.
 */
export interface ScheduleContext {
  now: Instant
  newId: () => string
}

export type ScheduleChange = { [K in keyof ScheduleInput]?: ScheduleInput[K] | undefined }

/** The schedules of a deployment, few enough for a deployment's item and for one look of the scheduler. */
const SCHEDULES_MAX = 100

/**
 * The schedules after all of them were replaced. One that was there before, by slug or by its rule, keeps its id: runs
 * that it made are known by that, so deploying the same thing again makes none twice. Raises invalid.
 */
export function replaceSchedules(
  before: readonly DeploymentSchedule[],
  changes: readonly ScheduleChange[],
  context: ScheduleContext,
): DeploymentSchedule[] {
  const left = [...before]
  const after = changes.map(complete).map((input) => {
    const at = left.findIndex((one) =>
      input.slug ? one.slug === input.slug : isDeepStrictEqual(one.schedule, input.schedule),
    )
    const kept = at >= 0 ? left.splice(at, 1)[0] : undefined
    return schedule(input, kept, context)
  })
  return checked(after)
}

/** The schedules after more were added. Raises invalid when a slug is taken. */
export function addSchedules(
  before: readonly DeploymentSchedule[],
  changes: readonly ScheduleChange[],
  context: ScheduleContext,
): DeploymentSchedule[] {
  return checked([...before, ...changes.map(complete).map((input) => schedule(input, undefined, context))])
}

/**
 * The schedules after a PATCH of the deployment (src/prefect/server/api/deployments.py, update_deployment): where all
 * have slugs it changes those that are named and adds the others; otherwise it replaces all. Raises invalid.
 */
export function patchSchedules(
  before: readonly DeploymentSchedule[],
  changes: readonly ScheduleChange[],
  context: ScheduleContext,
): DeploymentSchedule[] {
  const slugged = before.length > 0 && before.every((one) => one.slug)
  if (!slugged) return replaceSchedules(before, changes, context)
  const nameless = changes.findIndex((change) => !change.slug)
  if (nameless >= 0)
    throw invalidField(at(nameless, 'slug'), 'is required, as the other schedules of this deployment have slugs')
  let after = [...before]
  for (const [index, change] of changes.entries()) {
    const place = after.findIndex(
      (one) => one.slug === change.slug || (change.replaces && one.slug === change.replaces),
    )
    const known = after[place]
    if (known) after = after.with(place, changed(known, change, context.now))
    else after.push(schedule(complete(change, index), undefined, context))
  }
  return checked(after)
}

/** The schedules after a PATCH of one of them. Raises not_found and invalid. */
export function changeSchedule(
  before: readonly DeploymentSchedule[],
  scheduleId: string,
  change: ScheduleChange,
  now: Instant,
): DeploymentSchedule[] {
  const place = placeOf(before, scheduleId)
  return checked(before.map((one, index) => (index === place ? changed(one, change, now) : one)))
}

/** The schedules without one of them. Raises not_found. */
export function deleteSchedule(before: readonly DeploymentSchedule[], scheduleId: string): DeploymentSchedule[] {
  return before.toSpliced(placeOf(before, scheduleId), 1)
}

function placeOf(schedules: readonly DeploymentSchedule[], scheduleId: string): number {
  const place = schedules.findIndex((one) => one.id === scheduleId)
  if (place < 0) throw notFound('Schedule', scheduleId)
  return place
}

/** Omitted members stay unchanged. */
function changed(known: DeploymentSchedule, change: ScheduleChange, now: Instant): DeploymentSchedule {
  const { replaces: _, ...rest } = change
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  return { ...known, ...given, updated: now }
}

/** The same schedules, if they are distinguishable and not too many. Raises invalid. */
function checked(schedules: DeploymentSchedule[]): DeploymentSchedule[] {
  const slugs = schedules.flatMap((one) => one.slug ?? [])
  const twice = slugs.find((slug, index) => slugs.indexOf(slug) !== index)
  if (twice) throw invalidField(['body', 'schedules'], `two schedules have the slug '${twice}'`)
  if (schedules.length <= SCHEDULES_MAX) return schedules
  throw invalidField(['body', 'schedules'], `a deployment has at most ${SCHEDULES_MAX} schedules`)
}

function schedule(
  input: ScheduleInput,
  kept: DeploymentSchedule | undefined,
  context: ScheduleContext,
): DeploymentSchedule {
  const { replaces: _, ...rest } = input
  return { ...rest, id: kept?.id ?? context.newId(), created: kept?.created ?? context.now, updated: context.now }
}

function complete(change: ScheduleChange, index: number): ScheduleInput {
  const rule = change.schedule
  if (!rule) throw invalidField(at(index, 'schedule'), 'is required for a new schedule')
  return {
    schedule: rule,
    active: change.active ?? true,
    maxScheduledRuns: change.maxScheduledRuns ?? null,
    parameters: change.parameters ?? {},
    slug: change.slug ?? null,
    replaces: change.replaces ?? null,
  }
}

const at = (index: number, member: string) => ['body', 'schedules', index, member]
