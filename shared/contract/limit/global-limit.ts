import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import {
  ConcurrencyLimitIn,
  maybe,
  NameIn,
  named,
  numeric,
  PageIn,
  UuidIn,
  UuidOut,
  withDefault,
} from '#shared/contract/wire.ts'
import { isUuid } from '#shared/ids.ts'
import { LIMITS_AT_ONCE_MAX } from '#shared/limit/lease.ts'
import { CONCURRENCY_LIMIT_MAX } from '#shared/limit/limit.ts'
import { GlobalLimitOut, globalLimitMembers } from './global-limit-out.ts'

const tag = 'Global concurrency limits'
const params = () => z.object({ id_or_name: z.string() })
/** Either finds a limit in a path, so neither may be taken for the other. */
const LimitNameIn = NameIn.check(z.refine((name) => !isUuid(name), 'must not be a UUID, as ids are'))
const DECAY_MAX = 1_000_000
/** Prefect's bounds of a lease's time. */
const LEASE_SECONDS = { min: 60, max: 86_400, usual: 300 }

export const SlotLimitOut = named('MinimalConcurrencyLimit', () =>
  z.object({ id: UuidOut, name: z.string(), limit: z.int() }),
)

const DecayIn = numeric(z.number().check(z.gte(0), z.lte(DECAY_MAX)))
/** Holders determine the count; an update can only reset it to zero. */
const NoSlots = maybe(numeric(z.literal(0, 'can only be 0, which releases all slots')))

const NewGlobalLimitOut = named('ConcurrencyLimitV2', () =>
  z.object({ ...globalLimitMembers(), denied_slots: z.int(), avg_slot_occupancy_seconds: z.number() }),
)

export const createGlobalLimit = endpoint({
  method: 'POST',
  path: '/v2/concurrency_limits/',
  scope: 'operate',
  tag,
  summary: 'Create a global concurrency limit; one with a decay is a rate limit.',
  body: () =>
    named('GlobalLimitCreateRequest', () =>
      z.object({
        name: LimitNameIn,
        limit: ConcurrencyLimitIn,
        active: withDefault(z.boolean(), true),
        active_slots: NoSlots,
        slot_decay_per_second: withDefault(DecayIn, 0),
      }),
    ),
  reply: () => NewGlobalLimitOut,
  status: 201,
})

export const getGlobalLimit = endpoint({
  method: 'GET',
  path: '/v2/concurrency_limits/:id_or_name',
  scope: 'work',
  tag,
  summary: 'Get a global concurrency limit by its id or name.',
  params,
  reply: () => GlobalLimitOut,
  status: 200,
})

export const updateGlobalLimit = endpoint({
  method: 'PATCH',
  path: '/v2/concurrency_limits/:id_or_name',
  scope: 'operate',
  tag,
  summary: 'Update a global concurrency limit; held slots stay held, unless active_slots is 0.',
  params,
  body: () =>
    named('GlobalLimitUpdateRequest', () =>
      z.object({
        name: maybe(LimitNameIn),
        limit: maybe(ConcurrencyLimitIn),
        active: maybe(z.boolean()),
        active_slots: NoSlots,
        slot_decay_per_second: maybe(DecayIn),
      }),
    ),
  status: 204,
})

export const deleteGlobalLimit = endpoint({
  method: 'DELETE',
  path: '/v2/concurrency_limits/:id_or_name',
  scope: 'operate',
  tag,
  summary: 'Delete a global concurrency limit; holders of its slots keep running.',
  params,
  status: 204,
})

export const listGlobalLimits = endpoint({
  method: 'POST',
  path: '/v2/concurrency_limits/filter',
  scope: 'work',
  tag,
  summary: 'List global concurrency limits by name.',
  body: () => named('GlobalLimitListRequest', () => z.object(PageIn)),
  reply: () => z.array(GlobalLimitOut),
  status: 200,
})

const Names = z.array(z.string()).check(z.minLength(1), z.maxLength(LIMITS_AT_ONCE_MAX))
const Slots = numeric(z.int().check(z.gte(1), z.lte(CONCURRENCY_LIMIT_MAX)))
const slotMembers = {
  names: Names,
  slots: Slots,
  mode: withDefault(z.enum(['concurrency', 'rate_limit']), 'concurrency'),
}
const LeaseSecondsIn = withDefault(
  numeric(z.number().check(z.gte(LEASE_SECONDS.min), z.lte(LEASE_SECONDS.max))),
  LEASE_SECONDS.usual,
)

export const acquireSlots = endpoint({
  method: 'POST',
  path: '/v2/concurrency_limits/increment',
  scope: 'work',
  tag,
  summary: 'Acquire slots without a lease, of all named limits or of none; names without a limit are ignored.',
  body: () => named('SlotAcquireRequest', () => z.object(slotMembers)),
  reply: () => z.array(SlotLimitOut),
  status: 200,
  refusals: [423],
})

export const acquireSlotsWithLease = endpoint({
  method: 'POST',
  path: '/v2/concurrency_limits/increment-with-lease',
  scope: 'work',
  tag,
  summary: 'Acquire slots under a lease, of all named limits or of none; they are released when it ends or expires.',
  body: () =>
    named('LeaseAcquireRequest', () =>
      z.object({
        ...slotMembers,
        lease_duration: LeaseSecondsIn,
        holder: maybe(
          named('SlotHolder', () => z.object({ type: z.enum(['flow_run', 'task_run', 'deployment']), id: UuidIn })),
        ),
      }),
    ),
  reply: () => named('LeasedSlots', () => z.object({ lease_id: UuidOut, limits: z.array(SlotLimitOut) })),
  status: 200,
  refusals: [423],
})

export const renewLease = endpoint({
  method: 'POST',
  path: '/v2/concurrency_limits/leases/:id/renew',
  scope: 'work',
  tag,
  summary: 'Renew a lease for this long from now.',
  params: () => z.object({ id: UuidIn }),
  body: () => named('LeaseRenewRequest', () => z.object({ lease_duration: LeaseSecondsIn })),
  status: 204,
  refusals: [410],
})

export const releaseSlots = endpoint({
  method: 'POST',
  path: '/v2/concurrency_limits/decrement',
  scope: 'work',
  tag,
  summary: 'Release slots that were acquired without a lease.',
  body: () =>
    named('SlotReleaseRequest', () =>
      z.object({ names: Names, slots: Slots, occupancy_seconds: maybe(numeric(z.number())) }),
    ),
  reply: () => z.array(SlotLimitOut),
  status: 200,
})

export const releaseSlotsWithLease = endpoint({
  method: 'POST',
  path: '/v2/concurrency_limits/decrement-with-lease',
  scope: 'work',
  tag,
  summary: 'Release a lease and its slots; an expired lease has released them already.',
  body: () => named('LeaseReleaseRequest', () => z.object({ lease_id: UuidIn })),
  status: 204,
})
