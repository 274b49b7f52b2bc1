import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { namedFilter, OperatorIn, StringFilter, TimeFilter } from '#shared/contract/filter.ts'
import { InstantOut, maybe, NameIn, named, numeric, PageIn, UuidOut } from '#shared/contract/wire.ts'
import { ByPool } from './work-queue.ts'

const tag = 'Workers'
const BEAT_SECONDS_MAX = 86_400

const WorkerOut = named('Worker', () =>
  z.object({
    id: UuidOut,
    created: InstantOut,
    updated: InstantOut,
    name: z.string(),
    work_pool_id: UuidOut,
    last_heartbeat_time: InstantOut,
    heartbeat_interval_seconds: z.nullable(z.int()),
    status: z.enum(['ONLINE', 'OFFLINE']),
  }),
)

export const recordWorkerHeartbeat = endpoint({
  method: 'POST',
  path: '/work_pools/:pool/workers/heartbeat',
  scope: 'work',
  tag,
  summary: 'Record a heartbeat of a worker.',
  params: () => ByPool,
  body: () =>
    named('WorkerHeartbeatRequest', () =>
      z.object({
        name: NameIn,
        heartbeat_interval_seconds: maybe(numeric(z.int().check(z.gt(0), z.lte(BEAT_SECONDS_MAX)))),
      }),
    ),
  status: 204,
})

export const listWorkers = endpoint({
  method: 'POST',
  path: '/work_pools/:pool/workers/filter',
  scope: 'work',
  tag,
  summary: "List a work pool's workers, latest heartbeat first.",
  params: () => ByPool,
  body: () =>
    named('WorkerListRequest', () =>
      z.object({
        workers: namedFilter('WorkerFilter', () => ({
          operator: OperatorIn,
          name: StringFilter,
          status: StringFilter,
          last_heartbeat_time: TimeFilter,
        })),
        ...PageIn,
      }),
    ),
  reply: () => z.array(WorkerOut),
  status: 200,
})

export const deleteWorker = endpoint({
  method: 'DELETE',
  path: '/work_pools/:pool/workers/:worker',
  scope: 'operate',
  tag,
  summary: 'Delete a worker.',
  params: () => z.object({ pool: z.string(), worker: z.string() }),
  status: 204,
})
