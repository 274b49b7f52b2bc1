import type { Deps } from '#shared/deps.ts'
import { armNextDue } from '#shared/engine/dispatch/arm-next-due.ts'
import { inspectLeases, inspectLostLaunches } from '#shared/engine/dispatch/inspect-leases.ts'
import { activePhase, readyPhase } from '#shared/flow-run/phase.ts'
import type { SilenceRule } from '#shared/flow-run/sign-of-life.ts'
import type { Instant } from '#shared/instant.ts'
import type { Limit } from '#shared/limit/limit.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'
import { checkDrift } from './check-drift.ts'
import { inspectReadyLines } from './inspect-ready-lines.ts'
import { fingerprintOf } from './limit-fingerprint.ts'
import type { SweepPart } from './sweep-counts.ts'
import { leaseClientRuns } from './watch-silence.ts'

/** Ticks between two looks at a pool in which nothing is active, and at its phases when nothing was in them. */
const TICKS_PER_LOOK = { idle: 2, phases: 6 }
/** Ticks between two counts of a pool's slots, whether or not they seem to have moved. */
const TICKS_PER_COUNT = 60

interface PoolMemory {
  /** Whether nothing was active and nothing waited, and the tick of that look. */
  idle: boolean
  lookedAt: number
  /** Whether anything was in the active phase, and in the ready one, and the tick of that look. */
  active: boolean
  waiting: boolean
  phasesAt: number
  /** The pool's limit when all of its limits were last right, and the tick of that. */
  verified: string | null
  verifiedAt: number
}

/** In this process; a cold start looks at everything once. */
const memories = new WeakMap<Table, Map<string, PoolMemory>>()

function memoryOf({ table }: Deps, poolId: string): PoolMemory {
  const pools = memories.get(table) ?? new Map<string, PoolMemory>()
  memories.set(table, pools)
  const fresh = { idle: false, lookedAt: 0, active: true, waiting: true, phasesAt: 0, verified: null, verifiedAt: 0 }
  const memory = pools.get(poolId) ?? fresh
  pools.set(poolId, memory)
  return memory
}

/** Whether a pool must be looked at in this tick: one in which nothing was going on is left out of some. */
export function isPoolDue(deps: Deps, poolId: string, tick: number): boolean {
  const { idle, lookedAt } = memoryOf(deps, poolId)
  return !idle || tick - lookedAt >= TICKS_PER_LOOK.idle
}

export interface PoolSweep {
  tick: number
  deadline: Instant
  /** The pool's limit, which counts all that is active in it. */
  limit: Limit | undefined
  silence: SilenceRule | undefined
}

/** Repairs what may be wrong in one pool. Where nothing is active and nothing has moved, hardly anything is read. */
export async function sweepPool(deps: Deps, pool: PoolLines, part: SweepPart, sweep: PoolSweep): Promise<void> {
  const { tick, deadline, limit, silence } = sweep
  const memory = memoryOf(deps, pool.id)
  memory.lookedAt = tick
  const now = limit ? fingerprintOf(limit) : null
  const still = limit?.active === 0 && memory.verified === now && tick - memory.verifiedAt < TICKS_PER_COUNT
  if (still && tick - memory.phasesAt >= TICKS_PER_LOOK.phases)
    await part('phases', () => lookAtPhases(deps, pool.id, memory, tick))
  const quiet = still && !memory.active
  if (!quiet) {
    // First, as the inspections move runs within the index that this counts by.
    await part('drift', async () => {
      const { repaired, clean, held } = await checkDrift(deps, pool.id, deadline)
      memory.verified = clean ? now : null
      memory.verifiedAt = tick
      memory.active = held > 0
      return repaired
    })
    await part('inspected', () => inspectLeases(deps, pool.id, { deadline, silence }))
    if (pool.push) await part('arming', () => armNextDue(deps, pool.id))
    if (pool.push) await part('lostLaunches', () => inspectLostLaunches(deps, pool.id, { deadline }))
    if (silence) await part('leased', () => leaseClientRuns(deps, pool, silence, deadline))
  }
  if (!quiet || memory.waiting) await part('strays', () => inspectReadyLines(deps, pool))
  memory.idle = quiet && !memory.waiting
}

/** Whether anything is in the pool's phases: empty ones are not read each time. */
async function lookAtPhases(deps: Deps, poolId: string, memory: PoolMemory, tick: number): Promise<void> {
  const [active, ready] = await Promise.all(
    [activePhase(poolId), readyPhase(poolId)].map((phase) => listPhase(deps.table, { phase, limit: 1 })),
  )
  memory.active = (active?.rows.length ?? 1) > 0
  memory.waiting = (ready?.rows.length ?? 1) > 0
  memory.phasesAt = tick
}
