import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isHeld } from '#shared/flow-run/held-run.ts'
import { activePhase } from '#shared/flow-run/phase.ts'
import type { Instant } from '#shared/instant.ts'
import { deploymentLimit, type Limit, type LimitKey } from '#shared/limit/limit.ts'
import { getRunCores } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listPhase, type PhaseRange } from '#shared/storage/flow-run/list-phase.ts'

const PAGE_RUNS = 5_000
/** Runs read and counted at a time; of each only its slots are kept. */
const BATCH_RUNS = 1_000

/** How many runs hold a slot of each limit, and which runs those are. */
export interface SlotCount {
  counted: Map<LimitKey, number>
  heldIds: string[]
  /** The runs that are held without a slot of their deployment's limit, where that is one of those looked for. */
  lacking: Map<LimitKey, string[]>
}

/**
 * Counts the slots that the runs of these pools hold, in the runs themselves, read consistently: they are the ledger.
 * `knownIds` are looked at as well, and with `under` only the runs of deployments that have one of these limits. Undefined
 * when time runs out before all are counted.
 */
export async function countSlots(
  deps: Deps,
  poolIds: readonly (string | null)[],
  look: { knownIds: readonly string[]; deadline: Instant; under?: ReadonlySet<LimitKey> },
): Promise<SlotCount | undefined> {
  const { knownIds, deadline, under } = look
  const runIds = new Set(knownIds)
  for (const poolId of poolIds) {
    let after: PhaseRange['after']
    do {
      if (deps.clock.now() >= deadline) return undefined
      const page = await listPhase(deps.table, { phase: activePhase(poolId), limit: PAGE_RUNS, after })
      for (const row of page.rows) if (!under || limitIn(under, row)) runIds.add(row.runId)
      after = page.after
    } while (after)
  }
  const count: SlotCount = { counted: new Map(), heldIds: [], lacking: new Map() }
  const ids = [...runIds]
  for (let at = 0; at < ids.length; at += BATCH_RUNS) {
    if (deps.clock.now() >= deadline) return undefined
    const runs = await getRunCores(deps.table, ids.slice(at, at + BATCH_RUNS))
    for (const run of runs) {
      if (!isHeld(run)) continue
      count.heldIds.push(run.id)
      for (const slot of run.claim.slots) count.counted.set(slot, (count.counted.get(slot) ?? 0) + 1)
      const own = under && limitIn(under, run)
      if (own && !run.claim.slots.includes(own)) count.lacking.set(own, [...(count.lacking.get(own) ?? []), run.id])
    }
  }
  return count
}

/** The limit of a run's deployment, if it is one of these. */
function limitIn(under: ReadonlySet<LimitKey>, { deploymentId }: Pick<FlowRun, 'deploymentId'>): LimitKey | undefined {
  const key = deploymentId === null ? undefined : deploymentLimit(deploymentId)
  return key && under.has(key) ? key : undefined
}

/** By how much a limit counts more holders than there are. */
export function driftOf(limit: Limit, { counted }: Pick<SlotCount, 'counted'>): number {
  return limit.active - (counted.get(limit.key) ?? 0)
}
