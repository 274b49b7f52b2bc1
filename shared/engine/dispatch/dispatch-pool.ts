import type { Deps } from '#shared/deps.ts'
import type { Instant } from '#shared/instant.ts'
import type { LimitKey } from '#shared/limit/limit.ts'
import { getPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'
import type { Wait } from '#shared/work-pool/dispatch-plan.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'
import { armNextDue } from './arm-next-due.ts'
import type { HintedLimit } from './blocked-rows.ts'
import { handOut } from './hand-out.ts'
import { hint } from './hint-room.ts'
import { inspectLeases } from './inspect-leases.ts'
import { passOver } from './pass-over.ts'
import { sendWakeUps } from './send-wake-ups.ts'

export interface DispatchCounts {
  claimed: number
  launched: number
  parked: number
  /** Runs that were put into their queue's line. */
  moved: number
  inspected: number
  /** Why the rest waits, as of the last pass. */
  waits: Wait[]
}

/** Runs inspected after the passes: a call's worth of ECS tasks. The tick has more time. */
const INSPECTED_MAX = 100
/** Maximum passes over the pool per call; each hands out up to two batches. */
const LOOKS_MAX = 100

export interface DispatchOptions {
  /** Limits that may have room for runs that wait for them. */
  limits?: readonly LimitKey[]
  /** Whether this is one of all pools on the tick: what is held in those without a line is left to the sweep. */
  tick?: boolean
}

/**
 * Hands out a push pool's due runs and launches them, until there is no run, no room, or no time left; then looks at
 * the runs whose lease has run out. Any number of dispatchers may do this at once, and it may be cut short anywhere. What
 * is known of the pool's lines is read, unless it was just now.
 */
export async function dispatchPool(
  deps: Deps,
  known: string | Pick<PoolLines, 'id' | 'push'>,
  deadline: Instant,
  { limits = [], tick = false }: DispatchOptions = {},
): Promise<DispatchCounts> {
  const counts: DispatchCounts = { claimed: 0, launched: 0, parked: 0, moved: 0, inspected: 0, waits: [] }
  const pool = typeof known === 'string' ? await getPoolLines(deps.table, known) : known
  if (!pool) return counts
  if (!pool.push) {
    // It was a push pool when runs began to wait there: its workers follow hints.
    for (const limit of limits) await hint(deps, { poolId: pool.id, push: false }, limit, 'released')
    return counts
  }
  const { left, empty } = await handOutAll(deps, pool, {
    counts,
    deadline,
    hinted: limits.map((limit) => ({ limit })),
  })
  if (tick && empty) return counts
  counts.inspected = await inspectLeases(deps, pool.id, { deadline, max: INSPECTED_MAX })
  if (left) await resumeLater(deps, pool.id, left)
  else await armNextDue(deps, pool.id)
  return counts
}

/** Passes over the pool until nothing is left to hand out; `left` are the limits still to follow when it stopped early. */
async function handOutAll(
  deps: Deps,
  pool: Pick<PoolLines, 'id'>,
  given: { counts: DispatchCounts; deadline: Instant; hinted: readonly HintedLimit[] },
): Promise<{ left: readonly HintedLimit[] | undefined; empty: boolean }> {
  const { counts, deadline } = given
  let { hinted } = given
  // Runs that others took, or that were put elsewhere: the index may still show them.
  const lost = new Set<string>()
  const passed = new Set<string>()
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const now = deps.clock.now()
    const launchesMax = deps.launchBucket.available(now)
    if (now >= deadline || launchesMax === 0) return { left: hinted, empty: false }
    const look = await handOut(deps, pool, { launchesMax, lost, hinted, passed, now })
    counts.claimed += look.claimed
    counts.launched += look.launched
    counts.parked += look.parked
    counts.moved += look.moved
    counts.waits = look.waits
    passOver(lost, look.lost)
    for (const queueId of look.passed) passed.add(queueId)
    hinted = look.hinted
    if (!look.progress) return { left: undefined, empty: looks === 0 && look.empty }
  }
  return { left: hinted, empty: false }
}

/** There may be more to do, but not now: a later wake-up goes on. */
async function resumeLater(deps: Deps, poolId: string, hinted: readonly HintedLimit[]): Promise<void> {
  const limits = hinted.map(({ limit }) => limit)
  await sendWakeUps(deps, [{ poolId, reason: 'more', ...(limits.length > 0 ? { limits } : {}), delaySeconds: 1 }])
}
