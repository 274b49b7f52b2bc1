import type * as z from 'zod/mini'
import type * as concurrencyStatus from '#shared/contract/limit/concurrency-status.ts'
import type * as contract from '#shared/contract/work-pool/work-pool.ts'
import type { WorkPoolOut } from '#shared/contract/work-pool/work-pool.ts'
import type * as worker from '#shared/contract/work-pool/worker.ts'
import type { ExamplesOf } from './example.ts'
import { CREATED, DEFAULT_QUEUE_ID, POOL_ID, page, QUEUE_ID, RUN_ID, STARTED, stored } from './story.ts'

const template = {
  job_configuration: { command: '{{ command }}', image: '{{ image }}', cpu: '{{ cpu }}' },
  variables: {
    type: 'object',
    properties: {
      command: { type: 'string' },
      image: { type: 'string', default: 'public.ecr.aws/docker/library/python:3.13-slim' },
      cpu: { type: 'integer', default: 256 },
    },
  },
}

const workPool: z.output<typeof WorkPoolOut> = {
  id: POOL_ID,
  ...stored,
  name: 'main',
  description: 'Nightly jobs',
  type: 'ecs:push',
  base_job_template: template,
  is_paused: false,
  concurrency_limit: 20,
  status: 'READY',
  default_queue_id: DEFAULT_QUEUE_ID,
  storage_configuration: {},
  silent_worker_minutes: null,
  active_slots: 1,
}

const queueSlots = {
  queue_id: QUEUE_ID,
  queue_name: 'urgent',
  active_slots: 1,
  concurrency_limit: 5,
  flow_runs: [
    {
      id: RUN_ID,
      name: 'brisk-otter',
      state_type: 'RUNNING' as const,
      state_name: 'Running',
      start_time: STARTED,
      state_timestamp: STARTED,
      time_in_current_state: 42.5,
    },
  ],
  flow_run_count: 1,
}
const ofPage = { count: 1, limit: 50, pages: 1, page: 1 }

export const workPoolExamples = {
  createWorkPool: {
    body: {
      name: 'main',
      type: 'ecs:push',
      description: 'Nightly jobs',
      base_job_template: template,
      concurrency_limit: 20,
    },
    reply: workPool,
  },
  getWorkPool: { reply: workPool },
  updateWorkPool: { body: { is_paused: true, concurrency_limit: 10 } },
  deleteWorkPool: {},
  listWorkPools: { body: { work_pools: { type: { any_: ['ecs:push'] } }, ...page }, reply: [workPool] },
  countWorkPools: { body: { work_pools: { name: { any_: ['main'] } } }, reply: 1 },
  getWorkPoolSlots: {
    body: { page: 1, limit: 50, flow_run_limit: 10 },
    reply: { active_slots: 1, concurrency_limit: 20, queues: [queueSlots], ...ofPage },
  },
  getWorkQueueSlots: { body: { page: 1, limit: 50 }, reply: { ...queueSlots, ...ofPage } },
  recordWorkerHeartbeat: { body: { name: 'worker-1', heartbeat_interval_seconds: 30 } },
  listWorkers: {
    body: { workers: { status: { any_: ['ONLINE'] } }, ...page },
    reply: [
      {
        id: '8d2f6a4c-1b97-5e03-b5d8-0f3c7a9e1264',
        created: CREATED,
        updated: STARTED,
        name: 'worker-1',
        work_pool_id: POOL_ID,
        last_heartbeat_time: STARTED,
        heartbeat_interval_seconds: 30,
        status: 'ONLINE',
      },
    ],
  },
  deleteWorker: {},
} satisfies ExamplesOf<typeof contract & typeof worker & typeof concurrencyStatus>
