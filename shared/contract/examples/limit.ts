import type * as globalLimit from '#shared/contract/limit/global-limit.ts'
import type * as tagLimit from '#shared/contract/limit/tag-limit.ts'
import type { ExamplesOf } from './example.ts'
import * as story from './story.ts'

const LIMIT_ID = '7e4b2d9c-f051-5a86-b3d7-8c6f1e0a9425'
const TAG_LIMIT_ID = '2c8f5e1b-9d73-5046-a1e9-b7d4c3f60a58'

const limit = {
  id: LIMIT_ID,
  ...story.stored,
  active: true,
  name: 'warehouse',
  limit: 10,
  active_slots: 2,
  slot_decay_per_second: 0,
}
const slots = [{ id: LIMIT_ID, name: 'warehouse', limit: 10 }]

const onTag = {
  id: TAG_LIMIT_ID,
  ...story.stored,
  tag: 'database',
  concurrency_limit: 3,
  active_slots: [story.TASK_RUN_ID],
}
const onTagSlots = [{ id: TAG_LIMIT_ID, name: 'database', limit: 3 }]
const holder = { names: ['database'], task_run_id: story.TASK_RUN_ID }

export const limitExamples = {
  createGlobalLimit: {
    body: { name: 'warehouse', limit: 10, active: true },
    reply: { ...limit, active_slots: 0, denied_slots: 0, avg_slot_occupancy_seconds: 2 },
  },
  getGlobalLimit: { reply: limit },
  updateGlobalLimit: { body: { limit: 20 } },
  deleteGlobalLimit: {},
  listGlobalLimits: { body: story.page, reply: [limit] },
  acquireSlots: { body: { names: ['warehouse'], slots: 2, mode: 'concurrency' }, reply: slots },
  acquireSlotsWithLease: {
    body: { names: ['warehouse'], slots: 2, lease_duration: 300, holder: { type: 'flow_run', id: story.RUN_ID } },
    reply: { lease_id: story.LEASE_ID, limits: slots },
  },
  renewLease: { body: { lease_duration: 300 } },
  releaseSlots: { body: { names: ['warehouse'], slots: 2, occupancy_seconds: 12.4 }, reply: slots },
  releaseSlotsWithLease: { body: { lease_id: story.LEASE_ID } },
  createTagLimit: { body: { tag: 'database', concurrency_limit: 3 }, reply: { ...onTag, active_slots: [] } },
  getTagLimit: { reply: onTag },
  getTagLimitByTag: { reply: onTag },
  listTagLimits: { body: story.page, reply: [onTag] },
  resetTagLimitByTag: { body: { slot_override: [story.TASK_RUN_ID] }, reply: null },
  deleteTagLimit: { reply: null },
  deleteTagLimitByTag: { reply: null },
  acquireTagSlots: { body: holder, reply: onTagSlots },
  releaseTagSlots: { body: { ...holder, occupancy_seconds: 12.4 }, reply: onTagSlots },
} satisfies ExamplesOf<typeof globalLimit & typeof tagLimit>
