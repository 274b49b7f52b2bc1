import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { InstantOut, named, UuidIn } from '#shared/contract/wire.ts'
import { WorkQueueCreateIn, WorkQueueListIn, WorkQueueOut, WorkQueueUpdateIn } from './work-queue.ts'

/** Work queues by id, or in no named pool: how Prefect's agents and its `work-queue` commands reach them. */
const tag = 'Work queues by id'
const ById = z.object({ id: UuidIn })

export const createLegacyWorkQueue = endpoint({
  method: 'POST',
  path: '/work_queues/',
  scope: 'operate',
  tag,
  summary: 'Create a work queue in the default agent pool.',
  body: () => WorkQueueCreateIn,
  reply: () => WorkQueueOut,
  status: 201,
})

export const listAllWorkQueues = endpoint({
  method: 'POST',
  path: '/work_queues/filter',
  scope: 'work',
  tag,
  summary: 'List the work queues of all pools by name.',
  body: () => WorkQueueListIn,
  reply: () => z.array(WorkQueueOut),
  status: 200,
})

export const getLegacyWorkQueueByName = endpoint({
  method: 'GET',
  path: '/work_queues/name/:name',
  scope: 'work',
  tag,
  summary: 'Get a work queue of the default agent pool by its name.',
  params: () => z.object({ name: z.string() }),
  reply: () => WorkQueueOut,
  status: 200,
})

export const getWorkQueueById = endpoint({
  method: 'GET',
  path: '/work_queues/:id',
  scope: 'work',
  tag,
  summary: 'Get a work queue by its id.',
  params: () => ById,
  reply: () => WorkQueueOut,
  status: 200,
})

export const updateWorkQueueById = endpoint({
  method: 'PATCH',
  path: '/work_queues/:id',
  scope: 'operate',
  tag,
  summary: 'Update a work queue by its id.',
  params: () => ById,
  body: () => WorkQueueUpdateIn,
  status: 204,
})

export const deleteWorkQueueById = endpoint({
  method: 'DELETE',
  path: '/work_queues/:id',
  scope: 'operate',
  tag,
  summary: 'Delete a work queue by its id; its waiting runs are cancelled.',
  params: () => ById,
  status: 204,
})

const QueueStatusOut = named('WorkQueueStatusDetail', () =>
  z.object({
    healthy: z.boolean(),
    late_runs_count: z.int(),
    last_polled: z.nullable(InstantOut),
    health_check_policy: named('WorkQueueHealthCheckPolicy', () =>
      z.object({
        maximum_late_runs: z.nullable(z.int()),
        maximum_seconds_since_last_polled: z.nullable(z.int()),
      }),
    ),
  }),
)

export const getWorkQueueStatus = endpoint({
  method: 'GET',
  path: '/work_queues/:id/status',
  scope: 'work',
  tag,
  summary: 'Get the status of a work queue: whether it was polled recently and has no late runs.',
  params: () => ById,
  reply: () => QueueStatusOut,
  status: 200,
})
