import type { Deps } from '#shared/deps.ts'
import { DomainError, SlotsTaken } from '#shared/errors.ts'
import { addSeconds, type Instant, NEVER } from '#shared/instant.ts'
import {
  activeAt,
  type GlobalLimit,
  globalLimitId,
  retryAfterSeconds,
  tagLimitName,
  tagOf,
} from '#shared/limit/global-limit.ts'
import { type Lease, type LeaseHolder, leaseOfTaskRun } from '#shared/limit/lease.ts'
import { getGlobalLimits } from '#shared/storage/limit/get-global-limits.ts'
import { getLease } from '#shared/storage/limit/get-leases.ts'
import { takeSlots } from '#shared/storage/limit/move-slots.ts'

export interface SlotsInput {
  /** Names of limits; unknown names are ignored. */
  names: readonly string[]
  slots: number
  /** Whether only limits with a decay are allowed. */
  rateLimit?: boolean
  /** Without one, the holder is not recorded. A lease whose id already exists takes no more slots. */
  lease?: { id?: string | undefined; seconds: number | null; holder: LeaseHolder | null }
}

export type SlotsOutcome =
  | { kind: 'acquired'; leaseId: string; limits: GlobalLimit[] }
  | { kind: 'full'; full: GlobalLimit[]; retryAfterSeconds: number }

const ROUNDS_MAX = 20

/**
 * Takes slots of all existing limits of these names, or of none. Raises invalid for a request that can never succeed,
 * and unavailable when others kept getting in between.
 */
export async function acquireSlots(deps: Deps, input: SlotsInput): Promise<SlotsOutcome> {
  const { names, slots, lease: requested } = input
  const leaseId = requested?.id ?? deps.ids.uuid()
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const limits = await getGlobalLimits(deps.table, names.map(globalLimitId))
    const inForce = limits.filter((limit) => limit.inForce)
    assertPossible(inForce, input)
    if (limits.length === 0) return { kind: 'acquired', leaseId, limits }
    // After a try that failed, the lease may be that try's: the engine's client retries unanswered calls.
    const mayBeThere = requested && (requested.id !== undefined || round > 0)
    if (mayBeThere && (await getLease(deps.table, leaseId))) return { kind: 'acquired', leaseId, limits }
    const now = deps.clock.now()
    const full = fullLimits(inForce, slots, now)
    if (full.length > 0) {
      return { kind: 'full', full, retryAfterSeconds: retryAfterSeconds(full, slots, now, deps.ids.random()) }
    }
    const lease = requested && newLease(leaseId, inForce, { slots, now, ...requested })
    if (await takeSlots(deps.table, { limits: inForce, slots, lease, now }))
      return { kind: 'acquired', leaseId, limits }
  }
  throw new DomainError('unavailable', `Slots of ${names.join(', ')} are being acquired concurrently; retry.`)
}

/** The same, but raises SlotsTaken when a limit is full. */
export async function requireSlots(
  deps: Deps,
  input: SlotsInput,
): Promise<Extract<SlotsOutcome, { kind: 'acquired' }>> {
  const outcome = await acquireSlots(deps, input)
  if (outcome.kind === 'acquired') return outcome
  const names = outcome.full.map((limit) => tagOf(limit) ?? limit.name).join(', ')
  throw new SlotsTaken(`Concurrency limit reached: ${names}`, outcome.retryAfterSeconds)
}

/**
 * Takes a slot of the limit on each of these tags for a task run, once. The lease has no end: its clients never renew,
 * and release it themselves, or an operator does. Raises SlotsTaken when a limit is full, or 0.
 */
export async function acquireTags(deps: Deps, tags: readonly string[], taskRunId: string): Promise<GlobalLimit[]> {
  const names = tags.map(tagLimitName)
  const limits = await getGlobalLimits(deps.table, names.map(globalLimitId))
  const zero = limits.find(({ limit, inForce }) => inForce && limit === 0)
  if (zero) throw new SlotsTaken(deadlockReason(zero), null)
  const lease = { id: leaseOfTaskRun(taskRunId), seconds: null, holder: { type: 'task_run' as const, id: taskRunId } }
  return (await requireSlots(deps, { names, slots: 1, lease })).limits
}

/** Prefect's message for a limit of 0, for which waiting is useless. */
export function deadlockReason(zero: GlobalLimit): string {
  return `The concurrency limit on tag "${tagOf(zero)}" is 0 and will deadlock if the task tries to run again.`
}

/** The limits that have fewer slots left than requested. */
export function fullLimits(limits: readonly GlobalLimit[], slots: number, now: Instant): GlobalLimit[] {
  return limits.filter((limit) => activeAt(limit, now) + slots > limit.limit)
}

/** A lease on slots of limits; without an end when `seconds` is null. */
export function newLease(
  id: string,
  limits: readonly GlobalLimit[],
  { slots, now, seconds, holder }: { slots: number; now: Instant; seconds: number | null; holder: LeaseHolder | null },
): Lease {
  const until = seconds === null ? NEVER : addSeconds(now, seconds)
  return {
    id,
    slots,
    limits: limits.map(({ id: limitId, created }) => ({ id: limitId, created })),
    holder,
    until,
    created: now,
  }
}

/** Prefect's messages for both. */
function assertPossible(limits: readonly GlobalLimit[], { slots, rateLimit }: SlotsInput): void {
  if (limits.some(({ limit }) => limit < slots)) {
    throw new DomainError('invalid', 'Slots requested is greater than the limit')
  }
  const still = rateLimit ? limits.filter(({ decayPerSecond }) => decayPerSecond === 0) : []
  if (still.length === 0) return
  const names = still.map(({ name }) => name).join(',')
  const why = `The following limits do not have a decay configured: '${names}'`
  throw new DomainError('invalid', `Only concurrency limits with slot decay can be used for rate limiting. ${why}`)
}
