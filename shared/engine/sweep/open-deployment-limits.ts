import type { Deps } from '#shared/deps.ts'
import { hintRoom } from '#shared/engine/dispatch/hint-room.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isHeld } from '#shared/flow-run/held-run.ts'
import { activePhase } from '#shared/flow-run/phase.ts'
import { secondsBetween } from '#shared/instant.ts'
import { deploymentLimit, type Limit } from '#shared/limit/limit.ts'
import { adoptHolder, openLimit } from '#shared/storage/deployment/introduce-limit.ts'
import { listDeployments } from '#shared/storage/deployment/list-deployments.ts'
import { getRuns } from '#shared/storage/flow-run/get-run.ts'
import { listPhase, type PhaseEntryRow, type PhaseRange } from '#shared/storage/flow-run/list-phase.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { listLineIds } from '#shared/storage/work-pool/list-pool-lines.ts'

/** How long a new limit stays closed: far longer than an index lags, or a claim takes from plan to commit. */
const COUNTING_SECONDS = 30
const PAGE_RUNS = 5_000

/** Opens new deployment limits that have counted their holders, and puts parked runs back in line where there is room. */
export async function openDeploymentLimits(deps: Deps): Promise<number> {
  const deployments = await listDeployments(deps.table)
  const keys = deployments.map((deployment) => deploymentLimit(deployment.id))
  for (const limit of (await getLimits(deps.table, keys)).values()) {
    if (limit.countingSince === null) continue
    await countHolders(deps, limit, limit.countingSince)
    await hintRoom(deps, [limit.key], 'limit-raised')
  }
  return 0
}

/**
 * Lends a slot to each run that is held without one. The limit opens when a look found none left to lend to: a run that
 * another write kept from its slot is still held, and is counted by the next sweep.
 */
async function countHolders(deps: Deps, limit: Limit, since: number): Promise<void> {
  let complete = true
  for (const run of await heldRuns(deps, limit)) {
    if (!isHeld(run) || run.claim.slots.includes(limit.key)) continue
    if (!(await adoptHolder(deps.table, limit.key, run))) complete = false
  }
  if (complete && secondsBetween(since, deps.clock.now()) >= COUNTING_SECONDS) await openLimit(deps.table, limit.key)
}

/** The runs of the limit's deployment that may be held, wherever they are. */
async function heldRuns(deps: Deps, limit: Limit): Promise<FlowRun[]> {
  const pools = await listLineIds(deps.table)
  const pages = await Promise.all(pools.map(activePhase).map((phase) => wholePhase(deps, phase)))
  const own = pages.flat().filter((row) => row.deploymentId && deploymentLimit(row.deploymentId) === limit.key)
  return await getRuns(
    deps.table,
    own.map((row) => row.runId),
  )
}

async function wholePhase(deps: Deps, phase: string): Promise<PhaseEntryRow[]> {
  const rows: PhaseEntryRow[] = []
  let after: PhaseRange['after']
  do {
    const page = await listPhase(deps.table, { phase, limit: PAGE_RUNS, after })
    rows.push(...page.rows)
    after = page.after
  } while (after)
  return rows
}
