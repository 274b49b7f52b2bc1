import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import {
  ConcurrencyLimitIn,
  InstantOut,
  maybe,
  NameIn,
  named,
  numeric,
  PageIn,
  UuidIn,
  UuidOut,
} from '#shared/contract/wire.ts'
import { LIMITS_AT_ONCE_MAX } from '#shared/limit/lease.ts'
import { SlotLimitOut } from './global-limit.ts'

/** Limits on tasks with a tag: global limits by another name, `tag:<tag>` (a rule of Prefect's API). */
const tag = 'Tag limits'
const ById = z.object({ id: UuidIn })
const ByTag = z.object({ tag: z.string() })

const TagLimitOut = named('ConcurrencyLimit', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    tag: z.string(),
    concurrency_limit: z.int(),
    active_slots: z.array(UuidOut),
  }),
)

export const createTagLimit = endpoint({
  method: 'POST',
  path: '/concurrency_limits/',
  scope: 'operate',
  tag,
  summary: 'Create or update the limit on a tag; 200 if it existed.',
  body: () => named('TagLimitCreateRequest', () => z.object({ tag: NameIn, concurrency_limit: ConcurrencyLimitIn })),
  reply: () => TagLimitOut,
  status: 201,
})

export const getTagLimit = endpoint({
  method: 'GET',
  path: '/concurrency_limits/:id',
  scope: 'work',
  tag,
  summary: 'Get the limit on a tag by its id, with the task runs that hold its slots.',
  params: () => ById,
  reply: () => TagLimitOut,
  status: 200,
})

export const getTagLimitByTag = endpoint({
  method: 'GET',
  path: '/concurrency_limits/tag/:tag',
  scope: 'work',
  tag,
  summary: 'Get the limit on a tag, with the task runs that hold its slots.',
  params: () => ByTag,
  reply: () => TagLimitOut,
  status: 200,
})

export const listTagLimits = endpoint({
  method: 'POST',
  path: '/concurrency_limits/filter',
  scope: 'work',
  tag,
  summary: 'List the limits on tags, with the task runs that hold their slots.',
  body: () => named('TagLimitListRequest', () => z.object(PageIn)),
  reply: () => z.array(TagLimitOut),
  status: 200,
})

export const resetTagLimitByTag = endpoint({
  method: 'POST',
  path: '/concurrency_limits/tag/:tag/reset',
  scope: 'operate',
  tag,
  summary: 'Release the slots of all task runs but those named.',
  params: () => ByTag,
  body: () => named('TagLimitResetRequest', () => z.object({ slot_override: maybe(z.array(UuidIn)) })),
  reply: () => z.null(),
  status: 200,
})

export const deleteTagLimit = endpoint({
  method: 'DELETE',
  path: '/concurrency_limits/:id',
  scope: 'operate',
  tag,
  summary: 'Delete the limit on a tag by its id.',
  params: () => ById,
  reply: () => z.null(),
  status: 200,
})

export const deleteTagLimitByTag = endpoint({
  method: 'DELETE',
  path: '/concurrency_limits/tag/:tag',
  scope: 'operate',
  tag,
  summary: 'Delete the limit on a tag.',
  params: () => ByTag,
  reply: () => z.null(),
  status: 200,
})

const TagSlotsIn = named('TagSlotRequest', () =>
  z.object({
    names: z.array(z.string()).check(z.maxLength(LIMITS_AT_ONCE_MAX)),
    task_run_id: UuidIn,
    occupancy_seconds: maybe(numeric(z.number())),
  }),
)

export const acquireTagSlots = endpoint({
  method: 'POST',
  path: '/concurrency_limits/increment',
  scope: 'work',
  tag,
  summary: 'Acquire a slot of each of these tags for a task run, of all or of none.',
  body: () => TagSlotsIn,
  reply: () => z.array(SlotLimitOut),
  status: 200,
  refusals: [423],
})

export const releaseTagSlots = endpoint({
  method: 'POST',
  path: '/concurrency_limits/decrement',
  scope: 'work',
  tag,
  summary: 'Release the slots that a task run holds of these tags.',
  body: () => TagSlotsIn,
  reply: () => z.array(SlotLimitOut),
  status: 200,
})
