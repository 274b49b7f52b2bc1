import type * as z from 'zod/mini'
import type * as legacy from '#shared/contract/work-pool/legacy-work-queue.ts'
import type * as contract from '#shared/contract/work-pool/work-queue.ts'
import type { WorkQueueOut } from '#shared/contract/work-pool/work-queue.ts'
import type { ExamplesOf } from './example.ts'
import { POOL_ID, page, QUEUE_ID, STARTED, stored } from './story.ts'

const workQueue: z.output<typeof WorkQueueOut> = {
  id: QUEUE_ID,
  ...stored,
  name: 'urgent',
  description: 'Ahead of everything else',
  is_paused: false,
  concurrency_limit: 5,
  priority: 1,
  work_pool_id: POOL_ID,
  work_pool_name: 'main',
  filter: null,
  last_polled: STARTED,
  status: 'READY',
  active_slots: 1,
}
const agentQueue = {
  ...workQueue,
  id: '5b8e0d3f-7a26-5c94-8f1e-d6c2b4a9e073',
  work_pool_id: 'f3a6c8d1-0e52-5b79-a4c7-9b1d5f8e2036',
  work_pool_name: 'default-agent-pool',
}

const created = { name: 'urgent', description: 'Ahead of everything else', concurrency_limit: 5, priority: 1 }
const update = { body: { is_paused: true, priority: 2 } }

export const workQueueExamples = {
  createWorkQueue: { body: created, reply: workQueue },
  listWorkQueues: { body: { work_queues: { name: { startswith_: ['urg'] } }, ...page }, reply: [workQueue] },
  getWorkQueue: { reply: workQueue },
  updateWorkQueue: update,
  deleteWorkQueue: {},
  createLegacyWorkQueue: { body: created, reply: agentQueue },
  listAllWorkQueues: { body: { work_queues: { name: { any_: ['urgent'] } }, ...page }, reply: [workQueue] },
  getLegacyWorkQueueByName: { reply: agentQueue },
  getWorkQueueById: { reply: workQueue },
  updateWorkQueueById: update,
  deleteWorkQueueById: {},
  getWorkQueueStatus: {
    reply: {
      healthy: true,
      late_runs_count: 0,
      last_polled: STARTED,
      health_check_policy: { maximum_late_runs: 0, maximum_seconds_since_last_polled: 60 },
    },
  },
} satisfies ExamplesOf<typeof contract & typeof legacy>
