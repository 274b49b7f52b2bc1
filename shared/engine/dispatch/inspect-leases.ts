import { LAUNCH_GRACE_SECONDS, START_TIMEOUT_SECONDS, TICK_SECONDS } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { isDispatched } from '#shared/flow-run/held-run.ts'
import { activePhase } from '#shared/flow-run/phase.ts'
import type { SilenceRule } from '#shared/flow-run/sign-of-life.ts'
import { addSeconds, type Instant, secondsBetween, sortable } from '#shared/instant.ts'
import { getRunCores } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listPhase, type PhaseRange } from '#shared/storage/flow-run/list-phase.ts'
import { inspectionPass } from './inspect-run.ts'
import { inspectRuns } from './inspect-runs.ts'

/** Rows of the index read at a time. */
const PAGE_RUNS = 500
/** Runs inspected in one go unless the caller says otherwise: five times this are done within five ticks. */
const INSPECTED_MAX = 5_000

export interface InspectLimits {
  /** No inspection begins after it. */
  deadline: Instant
  max?: number
  /** Of a pool that ends what silent workers hold. */
  silence?: SilenceRule | undefined
}

/**
 * Inspects the held runs of a pool whose lease has run out, such as those that are out of time, about the longest
 * overdue first. Returns how many.
 */
export async function inspectLeases(deps: Deps, poolId: string | null, limits: InspectLimits): Promise<number> {
  const { deadline, max = INSPECTED_MAX, silence } = limits
  const pass = inspectionPass(deps, poolId, { deadline, silence })
  const range = { phase: activePhase(poolId), to: sortable(deps.clock.now()) }
  let inspected = 0
  let after: PhaseRange['after']
  do {
    const page = await listPhase(deps.table, { ...range, limit: Math.min(PAGE_RUNS, max - inspected), after })
    inspected += await inspectRuns(deps, shuffled(deps, page.rows), pass)
    after = page.after
  } while (after && inspected < max && deps.clock.now() < deadline)
  return inspected
}

/** In no order: what can't be described must not come before the same others each time. */
function shuffled({ ids }: Deps, rows: readonly { runId: string }[]): string[] {
  const places = rows.map(({ runId }) => ({ runId, at: ids.random() }))
  return places.toSorted((a, b) => a.at - b.at).map(({ runId }) => runId)
}

/** Ticks that get the chance to find one lost launch. */
const TICKS_PER_LAUNCH = 3

/**
 * Finds launches that were lost between the claim and its record: claims that are old enough to have been launched and
 * have no task. They are recognized by their lease, which is a fixed time after the claim, so no write marks them. What
 * no tick sees in time is found when that lease runs out. Ticks begin at either end in turn, so that what takes all the
 * time at one does not hide the other.
 */
export async function inspectLostLaunches(
  deps: Deps,
  poolId: string,
  { deadline }: Pick<InspectLimits, 'deadline'>,
): Promise<number> {
  const now = deps.clock.now()
  const claimedAt = (ageSeconds: number) => sortable(addSeconds(now, START_TIMEOUT_SECONDS - ageSeconds))
  const range = {
    phase: activePhase(poolId),
    from: claimedAt(LAUNCH_GRACE_SECONDS + TICKS_PER_LAUNCH * TICK_SECONDS),
    to: claimedAt(LAUNCH_GRACE_SECONDS),
    limit: PAGE_RUNS,
    descending: Math.floor(secondsBetween(0, now) / TICK_SECONDS) % 2 === 1,
  }
  const pass = inspectionPass(deps, poolId, { deadline })
  let inspected = 0
  let after: PhaseRange['after']
  do {
    const page = await listPhase(deps.table, { ...range, after })
    const runs = await getRunCores(
      deps.table,
      page.rows.map((row) => row.runId),
    )
    const unlaunched = runs.filter((run) => isDispatched(run) && !run.launch?.taskArn)
    const runIds = unlaunched.map((run) => run.id)
    inspected += await inspectRuns(deps, runIds, pass)
    after = page.after
  } while (after && deps.clock.now() < deadline)
  return inspected
}
