import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { filterOf, namedFilter, OperatorIn, Strings, UuidFilter, Uuids } from '#shared/contract/filter.ts'
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
  Tags,
  TextIn,
  UuidOut,
} from '#shared/contract/wire.ts'

const tag = 'Work queues'
const PRIORITY_MAX = 1_000_000

export const ByPool = z.object({ pool: z.string() })
const ByPoolAndQueue = z.object({ pool: z.string(), queue: z.string() })

export const WorkQueueOut = named('WorkQueue', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    name: z.string(),
    description: z.nullable(z.string()),
    is_paused: z.boolean(),
    concurrency_limit: z.nullable(z.int()),
    priority: z.int(),
    work_pool_id: UuidOut,
    work_pool_name: z.string(),
    filter: z.nullable(JsonObject),
    last_polled: z.nullable(InstantOut),
    status: z.enum(['READY', 'NOT_READY', 'PAUSED']),
    active_slots: z.nullable(z.int()),
  }),
)

const PriorityIn = numeric(z.int().check(z.gte(1), z.lte(PRIORITY_MAX)))

/** Prefect's old filters of queues that name runs instead of holding them. */
const QueueFilterIn = named('WorkQueueRunFilter', () => filterOf({ tags: maybe(Tags), deployment_ids: Uuids }))

export const WorkQueueCreateIn = named('WorkQueueCreateRequest', () =>
  z.object({
    name: NameIn,
    description: maybe(TextIn),
    is_paused: maybe(z.boolean()),
    concurrency_limit: maybe(ConcurrencyLimitIn),
    priority: maybe(PriorityIn),
    filter: maybe(QueueFilterIn),
  }),
)

export const WorkQueueUpdateIn = named('WorkQueueUpdateRequest', () =>
  z.object({
    name: maybe(NameIn),
    description: maybe(TextIn),
    is_paused: maybe(z.boolean()),
    concurrency_limit: patchable(ConcurrencyLimitIn),
    priority: maybe(PriorityIn),
    filter: patchable(QueueFilterIn),
  }),
)

export const WorkQueueFilterIn = namedFilter('WorkQueueFilter', () => ({
  operator: OperatorIn,
  id: UuidFilter,
  name: maybe(filterOf({ any_: Strings, startswith_: Strings })),
}))
export const WorkQueueListIn = named('WorkQueueListRequest', () =>
  z.object({ work_queues: WorkQueueFilterIn, ...PageIn }),
)

export const createWorkQueue = endpoint({
  method: 'POST',
  path: '/work_pools/:pool/queues',
  scope: 'operate',
  tag,
  summary: 'Create a work queue; its priority defaults to the lowest free number.',
  params: () => ByPool,
  body: () => WorkQueueCreateIn,
  reply: () => WorkQueueOut,
  status: 201,
})

export const listWorkQueues = endpoint({
  method: 'POST',
  path: '/work_pools/:pool/queues/filter',
  scope: 'work',
  tag,
  summary: "List a work pool's queues, highest priority first.",
  params: () => ByPool,
  body: () => WorkQueueListIn,
  reply: () => z.array(WorkQueueOut),
  status: 200,
})

export const getWorkQueue = endpoint({
  method: 'GET',
  path: '/work_pools/:pool/queues/:queue',
  scope: 'work',
  tag,
  summary: 'Get a work queue.',
  params: () => ByPoolAndQueue,
  reply: () => WorkQueueOut,
  status: 200,
})

export const updateWorkQueue = endpoint({
  method: 'PATCH',
  path: '/work_pools/:pool/queues/:queue',
  scope: 'operate',
  tag,
  summary: 'Update a work queue: pause or resume it, set or clear its limit, change its priority or name.',
  params: () => ByPoolAndQueue,
  body: () => WorkQueueUpdateIn,
  status: 204,
})

export const deleteWorkQueue = endpoint({
  method: 'DELETE',
  path: '/work_pools/:pool/queues/:queue',
  scope: 'operate',
  tag,
  summary: 'Delete a work queue; its waiting runs are cancelled. Rejected while its runs hold slots.',
  params: () => ByPoolAndQueue,
  status: 204,
})
