import { TICK_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { lendSlots } from '#shared/engine/deployment/lend-slots.ts'
import { listBusyPools } from '#shared/engine/limit/list-busy-pools.ts'
import { listPoolHolders } from '#shared/engine/limit/list-pool-holders.ts'
import { type Instant, NEVER, secondsBetween } from '#shared/instant.ts'
import { deploymentLimit, type Limit, type LimitKey } from '#shared/limit/limit.ts'
import { getDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { listDeployments } from '#shared/storage/deployment/list-deployments.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { correctDrift } from './check-drift.ts'
import { countSlots, driftOf } from './count-slots.ts'
import { fingerprintOf } from './limit-fingerprint.ts'

/** Ticks between two looks at all deployments; a limit that was off is looked at by the next tick. */
const TICKS_PER_LOOK = 3

interface Memory {
  /** The tick of the last look at all of them. */
  tick: number
  /** Limits that were off the last time. */
  suspects: LimitKey[]
  /** Limits that were right, each as it was then. */
  verified: Map<LimitKey, string>
}
/** In this process; a cold start looks at all. */
const memories = new WeakMap<Table, Memory>()

/**
 * Compares the counts of deployments' limits with the runs of all pools that hold their slots, and corrects them like
 * those of a pool. Only a limit that has moved since it was last right is compared. What is held without a slot of an open
 * limit, as no look found it before that opened, gets one. Returns how many were off for good.
 */
export async function checkDeploymentDrift(
  deps: Deps,
  poolIds: readonly (string | null)[],
  deadline: Instant = NEVER,
): Promise<number> {
  const tick = Math.floor(secondsBetween(0, deps.clock.now()) / TICK_SECONDS)
  const memory: Memory = memories.get(deps.table) ?? { tick: -TICKS_PER_LOOK, suspects: [], verified: new Map() }
  memories.set(deps.table, memory)
  const lookAtAll = tick - memory.tick >= TICKS_PER_LOOK
  const limits = await getLimits(deps.table, lookAtAll ? await limitedDeployments(deps) : memory.suspects, false)
  if (lookAtAll) memory.tick = tick
  const moved = [...limits.values()].filter(
    (limit) => limit.countingSince === null && memory.verified.get(limit.key) !== fingerprintOf(limit),
  )
  memory.suspects = []
  if (moved.length === 0) return 0
  const compared = await compare(deps, poolIds, moved, deadline)
  let repaired = 0
  for (const { limit, drift, lacking } of compared) {
    if (await lend(deps, limit, lacking)) repaired += 1
    if (drift !== 0) memory.suspects.push(limit.key)
    else if (lacking.length === 0) memory.verified.set(limit.key, fingerprintOf(limit))
    const complete = drift > 0 && limit.driftNoted !== null && (await knowsHolders(deps, limit, drift))
    if (await correctDrift(deps, limit, drift, complete)) repaired += 1
  }
  return repaired
}

async function lend(deps: Deps, limit: Limit, runIds: readonly string[]): Promise<boolean> {
  if (runIds.length === 0) return false
  const complete = await lendSlots(deps, limit, runIds)
  deps.log.error('runs were held without a slot', { limit: limit.key, runIds, complete })
  deps.metrics.count('SlotDrift', runIds.length)
  return complete
}

/** Whether no pool hides a holder of the limit. What is held outside of pools is in no count but the limit's own. */
async function knowsHolders(deps: Deps, { key, active }: Limit, drift: number): Promise<boolean> {
  const deploymentId = key.slice(key.indexOf('#') + 1)
  const deployment = await getDeployment(deps.table, deploymentId)
  if (!deployment?.poolId) return false
  let found = 0
  for (const poolId of await listBusyPools(deps)) {
    const { holders, complete } = await listPoolHolders(deps, poolId, deploymentId)
    if (!complete) return false
    found += holders.filter(({ claim }) => claim.slots.includes(key)).length
  }
  return found <= active - drift
}

async function limitedDeployments(deps: Deps): Promise<LimitKey[]> {
  const deployments = await listDeployments(deps.table, false)
  return deployments.flatMap(({ id, concurrencyLimit }) => (concurrencyLimit === null ? [] : deploymentLimit(id)))
}

/** The drift of each limit, by two looks at the runs that hold its slots where one look finds too few, and who lacks one. */
async function compare(
  deps: Deps,
  poolIds: readonly (string | null)[],
  limits: readonly Limit[],
  deadline: Instant,
): Promise<{ limit: Limit; drift: number; lacking: readonly string[] }[]> {
  const under = new Set(limits.map(({ key }) => key))
  const first = await countSlots(deps, poolIds, { knownIds: [], deadline, under })
  const off = first && limits.some((limit) => driftOf(limit, first) !== 0)
  const count = off ? await countSlots(deps, poolIds, { knownIds: first.heldIds, deadline, under }) : first
  if (!count) return []
  const fresh = await getLimits(deps.table, [...under])
  return [...fresh.values()].map((limit) => {
    return { limit, drift: driftOf(limit, count), lacking: count.lacking.get(limit.key) ?? [] }
  })
}
