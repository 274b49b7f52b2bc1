import type { Deps } from '#shared/deps.ts'
import { eachCaught } from '#shared/engine/dispatch/each-caught.ts'
import { activePhase } from '#shared/flow-run/phase.ts'
import { isHeldByClient, type SilenceRule, signSeconds, silentAt } from '#shared/flow-run/sign-of-life.ts'
import { addSeconds, type Instant, NEVER, sortable } from '#shared/instant.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { listPhase, type PhaseRange } from '#shared/storage/flow-run/list-phase.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { getUptime } from '#shared/storage/service/get-uptime.ts'
import { putUptime } from '#shared/storage/service/put-uptime.ts'
import type { PoolLines } from '#shared/work-pool/pool-lines.ts'
import { nextUptime } from '#shared/work-pool/uptime.ts'

const PAGE_RUNS = 100
const WRITES_AT_ONCE = 20

/**
 * Writes down that the service is up, and says what each pool that looks for silent workers makes of silence. Where no
 * pool does, nothing is read or written.
 */
export async function watchUptime(deps: Deps, pools: readonly PoolLines[]): Promise<Map<string, SilenceRule>> {
  const set = pools.flatMap(({ id, silentWorkerMinutes: minutes }) => (minutes ? [[id, minutes] as const] : []))
  if (set.length === 0) return new Map()
  const before = await getUptime(deps.table)
  const answers = await deps.answers()
  const uptime = nextUptime(before, deps.clock.now(), { answers, minutesOf: new Map(set) })
  // Another tick of this very moment knows as much; this one then ends nothing.
  if (!(await putUptime(deps.table, uptime, before))) return new Map()
  const rules = Object.entries(uptime.pools).map(([poolId, { minutes, from }]) => {
    return [poolId, { minutes, since: Math.max(uptime.since, from) }] as const
  })
  return new Map(rules)
}

/**
 * Gives a lease to what stock workers hold in a pool that looks for silent ones: their claims come without, and those
 * from before the setting was changed may have a longer one. Returns how many got one.
 */
export async function leaseClientRuns(
  deps: Deps,
  pool: Pick<PoolLines, 'id' | 'push'>,
  rule: SilenceRule,
  deadline: Instant,
): Promise<number> {
  const now = deps.clock.now()
  const longest = addSeconds(now, rule.minutes * 60 + signSeconds(rule.minutes) + 1)
  // The dispatcher's own runs have leases of their own, which may be longer.
  const from = sortable(pool.push ? NEVER : longest)
  const options = { act: 'lease', atOnce: WRITES_AT_ONCE, deadline }
  let leased = 0
  let after: PhaseRange['after']
  do {
    const page = await listPhase(deps.table, { phase: activePhase(pool.id), from, limit: PAGE_RUNS, after })
    const runs = await getRuns(
      deps.table,
      page.rows.map((row) => row.runId),
    )
    const bare = runs.filter(isHeldByClient)
    leased += await eachCaught(
      deps,
      bare,
      (run) => run.id,
      async (run) => {
        const leaseUntil = Math.max(silentAt(run, rule), now)
        return await saveRun(deps.table, run, { ...run, claim: { ...run.claim, leaseUntil } })
      },
      options,
    )
    after = page.after
  } while (after && deps.clock.now() < deadline)
  return leased
}
