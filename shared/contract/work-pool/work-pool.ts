import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { namedFilter, OperatorIn, StringFilter, UuidFilter } from '#shared/contract/filter.ts'
import {
  ConcurrencyLimitIn,
  InstantOut,
  JsonObject,
  maybe,
  NameIn,
  named,
  numeric,
  PageIn,
  patchable,
  TextIn,
  UuidOut,
  withDefault,
} from '#shared/contract/wire.ts'
import { AGENT_POOL_TYPE } from '#shared/work-pool/work-pool.ts'

const tag = 'Work pools'
const ByName = z.object({ name: z.string() })

export const WorkPoolOut = named('WorkPool', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    name: z.string(),
    description: z.nullable(z.string()),
    type: z.string(),
    base_job_template: JsonObject,
    is_paused: z.boolean(),
    concurrency_limit: z.nullable(z.int()),
    status: z.nullable(z.enum(['READY', 'NOT_READY', 'PAUSED'])),
    default_queue_id: UuidOut,
    storage_configuration: JsonObject,
    silent_worker_minutes: z.nullable(z.int()),
    active_slots: z.nullable(z.int()),
  }),
)

/** At most a week. */
const SilentMinutesIn = numeric(z.int().check(z.gte(1), z.lte(10_080)))

export const WorkPoolFilterIn = namedFilter('WorkPoolFilter', () => ({
  operator: OperatorIn,
  id: UuidFilter,
  name: StringFilter,
  type: StringFilter,
}))

export const createWorkPool = endpoint({
  method: 'POST',
  path: '/work_pools/',
  scope: 'admin',
  tag,
  summary: 'Create a work pool with its default queue.',
  body: () =>
    named('WorkPoolCreateRequest', () =>
      z.object({
        name: NameIn,
        type: withDefault(NameIn, AGENT_POOL_TYPE),
        description: maybe(TextIn),
        base_job_template: maybe(JsonObject),
        is_paused: maybe(z.boolean()),
        concurrency_limit: maybe(ConcurrencyLimitIn),
        storage_configuration: maybe(JsonObject),
        silent_worker_minutes: maybe(SilentMinutesIn),
      }),
    ),
  reply: () => WorkPoolOut,
  status: 201,
})

export const getWorkPool = endpoint({
  method: 'GET',
  path: '/work_pools/:name',
  scope: 'work',
  tag,
  summary: 'Get a work pool.',
  params: () => ByName,
  reply: () => WorkPoolOut,
  status: 200,
})

export const updateWorkPool = endpoint({
  method: 'PATCH',
  path: '/work_pools/:name',
  scope: 'admin',
  tag,
  summary: 'Update a work pool: pause or resume it, set or clear its limit, replace its job template.',
  params: () => ByName,
  body: () =>
    named('WorkPoolUpdateRequest', () =>
      z.object({
        name: maybe(z.string()),
        type: maybe(z.string()),
        description: patchable(TextIn),
        base_job_template: maybe(JsonObject),
        is_paused: maybe(z.boolean()),
        concurrency_limit: patchable(ConcurrencyLimitIn),
        storage_configuration: maybe(JsonObject),
        silent_worker_minutes: patchable(SilentMinutesIn),
      }),
    ),
  status: 204,
})

export const deleteWorkPool = endpoint({
  method: 'DELETE',
  path: '/work_pools/:name',
  scope: 'admin',
  tag,
  summary: 'Delete a work pool and its queues; waiting runs are cancelled. Rejected while runs hold slots.',
  params: () => ByName,
  status: 204,
})

export const listWorkPools = endpoint({
  method: 'POST',
  path: '/work_pools/filter',
  scope: 'work',
  tag,
  summary: 'List work pools by name.',
  body: () => named('WorkPoolListRequest', () => z.object({ work_pools: WorkPoolFilterIn, ...PageIn })),
  reply: () => z.array(WorkPoolOut),
  status: 200,
})

export const countWorkPools = endpoint({
  method: 'POST',
  path: '/work_pools/count',
  scope: 'work',
  tag,
  summary: 'Count work pools.',
  body: () => named('WorkPoolCountRequest', () => z.object({ work_pools: WorkPoolFilterIn })),
  reply: () => z.int(),
  status: 200,
})
