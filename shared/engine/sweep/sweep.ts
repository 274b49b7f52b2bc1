import { TICK_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { inspectLeases } from '#shared/engine/dispatch/inspect-leases.ts'
import { expireLeases } from '#shared/engine/limit/expire-leases.ts'
import { errorFields } from '#shared/errors.ts'
import type { SilenceRule } from '#shared/flow-run/sign-of-life.ts'
import { addSeconds, type Instant, secondsBetween } from '#shared/instant.ts'
import { poolLimit } from '#shared/limit/limit.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { listPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'
import { cancelCollidingRuns } from './cancel-colliding-runs.ts'
import { clearDeletedPool } from './cancel-stray-runs.ts'
import { cancelSubflows } from './cancel-subflows.ts'
import { checkDeploymentDrift } from './check-deployment-drift.ts'
import { endLostSessions } from './end-lost-sessions.ts'
import { expirePauses } from './expire-pauses.ts'
import { finishDeletions } from './finish-deletions.ts'
import { hintWaiting } from './hint-waiting.ts'
import { openCountedLimits } from './open-counted-limits.ts'
import type { SweepCounts, SweepPart } from './sweep-counts.ts'
import { isPoolDue, sweepPool } from './sweep-pool.ts'
import { watchUptime } from './watch-silence.ts'

/** A sweep begins nothing after this: the next tick goes on, and the function's timeout leaves room beyond it. */
const SWEEP_SECONDS = 50
/** Of which the pools, in turns, take this much at most. */
const POOLS_SECONDS = 35

/**
 * The tick's repair pass over everything that a crash, a lost message or a lost event can leave behind. Each part is
 * bounded in time, can be cut short anywhere, and works on what the last one left. Pools and parts take turns in being
 * first, by the number of the tick.
 */
export async function sweep(deps: Deps): Promise<SweepCounts> {
  const counts: SweepCounts = {
    inspected: 0,
    lostLaunches: 0,
    sessionsEnded: 0,
    pausesExpired: 0,
    limitsOpened: 0,
    hinted: 0,
    collisions: 0,
    strays: 0,
    deletionsFinished: 0,
    leased: 0,
    subflowsCancelled: 0,
    leasesExpired: 0,
    drift: 0,
    failures: 0,
  }
  const part: SweepPart = async (name: string, work: () => Promise<number | void>) => {
    try {
      const count = await work()
      if (count !== undefined) counts[name as keyof SweepCounts] += count
    } catch (error) {
      counts.failures += 1
      deps.log.error('part of the sweep failed', { part: name, ...errorFields(error) })
    }
  }
  const start = deps.clock.now()
  const tick = Math.floor(secondsBetween(0, start) / TICK_SECONDS)
  const pools = rotated(await listPoolLines(deps.table, false), tick)
  await sweepPools(deps, pools, part, { tick, deadline: addSeconds(start, POOLS_SECONDS) })
  const poolIds = [null, ...pools.map((pool) => pool.id)]
  const parts: [keyof SweepCounts, (deadline: Instant) => Promise<number>][] = [
    // Runs of no pool: those that processes of the users' serve or start by themselves.
    ['inspected', (deadline) => inspectLeases(deps, null, { deadline })],
    ['sessionsEnded', (deadline) => endLostSessions(deps, deadline)],
    ['pausesExpired', (deadline) => expirePauses(deps, deadline)],
    ['deletionsFinished', () => finishDeletions(deps)],
    ['limitsOpened', () => openCountedLimits(deps)],
    ['collisions', (deadline) => cancelCollidingRuns(deps, deadline)],
    ['hinted', () => hintWaiting(deps, pools)],
    ['drift', (deadline) => checkDeploymentDrift(deps, poolIds, deadline)],
    ['subflowsCancelled', (deadline) => cancelSubflows(deps, deadline)],
    ['leasesExpired', (deadline) => expireLeases(deps, deadline)],
  ]
  await inTurn(deps, rotated(parts, tick), addSeconds(start, SWEEP_SECONDS), ([name, work], deadline) =>
    part(name, () => work(deadline)),
  )
  // Zeros are not published: each metric published in every hour of a month costs money.
  for (const [name, value] of Object.entries(counts)) if (value > 0) deps.metrics.count(`Sweep_${name}`, value)
  return counts
}

async function sweepPools(
  deps: Deps,
  pools: readonly PoolLines[],
  part: SweepPart,
  { tick, deadline }: { tick: number; deadline: Instant },
): Promise<void> {
  let rules = new Map<string, SilenceRule>()
  await part('uptime', async () => {
    rules = await watchUptime(deps, pools)
  })
  const due = pools.filter((pool) => isPoolDue(deps, pool.id, tick))
  const limitKeys = due.map((pool) => poolLimit(pool.id))
  const limits = await getLimits(deps.table, limitKeys, false)
  await inTurn(deps, due, deadline, async (pool, until) => {
    if (pool.deletedAt !== null) {
      await part('inspected', () => inspectLeases(deps, pool.id, { deadline: until }))
      await part('strays', () => clearDeletedPool(deps, pool))
      return
    }
    const limit = limits.get(poolLimit(pool.id))
    await sweepPool(deps, pool, part, { tick, deadline: until, limit, silence: rules.get(pool.id) })
  })
}

/** Gives each item an equal share of the time that is left; what one does not use is the others'. */
async function inTurn<T>(
  deps: Deps,
  items: readonly T[],
  end: Instant,
  act: (item: T, deadline: Instant) => Promise<void>,
): Promise<void> {
  for (const [at, item] of items.entries()) {
    const now = deps.clock.now()
    const shareSeconds = secondsBetween(now, end) / (items.length - at)
    await act(item, addSeconds(now, Math.max(0, shareSeconds)))
  }
}

/** The items in order, with another one first at each tick. */
function rotated<T>(items: readonly T[], tick: number): T[] {
  const first = items.length > 0 ? tick % items.length : 0
  return [...items.slice(first), ...items.slice(0, first)]
}
