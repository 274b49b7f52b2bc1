import type { Deps } from '../deps.ts'
import { activePhase, PAUSE_PHASE } from '../flow-run/phase.ts'
import { secondsBetween } from '../instant.ts'
import { deploymentLimit, type Limit } from '../limit/limit.ts'
import { getLimits } from '../storage/get-limits.ts'
import { getRuns } from '../storage/get-run.ts'
import { adoptHolder, openLimit } from '../storage/introduce-limit.ts'
import { listDeployments } from '../storage/list-deployments.ts'
import { listPhase } from '../storage/list-phase.ts'
import { listPools } from '../storage/list-pools.ts'
import { unblockRuns } from './unblock-runs.ts'

/** How long a new limit stays closed: far longer than an index lags, or a claim takes from plan to commit. */
const COUNTING_SECONDS = 30
const HELD_MAX = 5_000

/** Opens new deployment limits that have counted their holders, and puts parked runs back in line where there is room. */
export async function openDeploymentLimits(deps: Deps): Promise<number> {
  const deployments = await listDeployments(deps.table)
  const keys = deployments.map((deployment) => deploymentLimit(deployment.id))
  let unblocked = 0
  for (const limit of (await getLimits(deps.table, keys)).values()) {
    if (limit.countingSince !== null) await countHolders(deps, limit, limit.countingSince)
    unblocked += await unblockRuns(deps, limit.key)
  }
  return unblocked
}

async function countHolders(deps: Deps, limit: Limit, since: number): Promise<void> {
  const pools = [null, ...(await listPools(deps.table)).map((pool) => pool.id)]
  const phases = [...pools.map(activePhase), PAUSE_PHASE]
  const pages = await Promise.all(phases.map((phase) => listPhase(deps.table, { phase, limit: HELD_MAX })))
  const rows = pages
    .flatMap((page) => page.rows)
    .filter((row) => row.deploymentId && deploymentLimit(row.deploymentId) === limit.key)
  for (const run of await getRuns(
    deps.table,
    rows.map((row) => row.runId),
  ))
    await adoptHolder(deps.table, limit.key, run)
  if (secondsBetween(since, deps.clock.now()) >= COUNTING_SECONDS) await openLimit(deps.table, limit.key)
}
