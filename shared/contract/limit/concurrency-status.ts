import * as z from 'zod/mini'
import { PAGE_MAX } from '#shared/bounds.ts'
import { endpoint } from '#shared/contract/endpoint.ts'
import {
  InstantOut,
  NumberedPageIn,
  NumberedPageOut,
  named,
  numeric,
  UuidIn,
  UuidOut,
  withDefault,
} from '#shared/contract/wire.ts'
import { STATE_TYPES } from '#shared/flow-run/state.ts'

/** Who holds the slots (Prefect 3.6.23 and later). */
const FlowRunSlotOut = named('FlowRunSlotSummary', () =>
  z.object({
    id: UuidOut,
    name: z.string(),
    state_type: z.enum(STATE_TYPES),
    state_name: z.string(),
    start_time: z.nullable(InstantOut),
    state_timestamp: InstantOut,
    /** Seconds. */
    time_in_current_state: z.number(),
  }),
)

const queueMembers = {
  queue_id: UuidOut,
  queue_name: z.string(),
  active_slots: z.int(),
  concurrency_limit: z.nullable(z.int()),
  flow_runs: z.array(FlowRunSlotOut),
  flow_run_count: z.int(),
}

const PoolSlotsOut = named('WorkPoolConcurrencyStatus', () =>
  z.object({
    active_slots: z.int(),
    concurrency_limit: z.nullable(z.int()),
    queues: z.array(named('WorkQueueConcurrencyStatusDetail', () => z.object(queueMembers))),
    ...NumberedPageOut,
  }),
)

export const getWorkPoolSlots = endpoint({
  method: 'POST',
  path: '/work_pools/:name/concurrency_status',
  scope: 'work',
  tag: 'Work pools',
  summary: "Get a work pool's held slots by queue, with the runs that hold them.",
  params: () => z.object({ name: z.string() }),
  body: () =>
    named('WorkPoolConcurrencyStatusRequest', () =>
      z.object({
        ...NumberedPageIn,
        flow_run_limit: withDefault(numeric(z.int().check(z.gte(0), z.lte(PAGE_MAX))), 10),
      }),
    ),
  reply: () => PoolSlotsOut,
  status: 200,
})

const QueueSlotsOut = named('WorkQueueConcurrencyStatus', () => z.object({ ...queueMembers, ...NumberedPageOut }))

export const getWorkQueueSlots = endpoint({
  method: 'POST',
  path: '/work_queues/:id/concurrency_status',
  scope: 'work',
  tag: 'Work queues by id',
  summary: "Get a work queue's held slots by page, with the runs that hold them.",
  params: () => z.object({ id: UuidIn }),
  body: () =>
    named('WorkQueueConcurrencyStatusRequest', () =>
      z.object({
        ...NumberedPageIn,
        flow_run_limit: withDefault(numeric(z.int().check(z.gte(0), z.lte(PAGE_MAX))), PAGE_MAX),
      }),
    ),
  reply: () => QueueSlotsOut,
  status: 200,
})
