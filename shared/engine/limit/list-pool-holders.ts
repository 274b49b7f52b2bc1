import type { Deps } from '#shared/deps.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { type HeldRun, isHeld } from '#shared/flow-run/held-run.ts'
import { type Limit, poolLimit } from '#shared/limit/limit.ts'
import { getRunCores } from '#shared/storage/flow-run/get-sized-runs.ts'
import { listActiveRuns } from '#shared/storage/flow-run/list-active-runs.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'

/** Slots that move while the runs are read make it worth reading them again, this often. */
const ROUNDS_MAX = 3
/** Of more runs it is not found out whether they are all, at a read unit each. */
const PROOF_RUNS_MAX = 5_000

type Holder = Omit<FlowRun, 'details'> & Pick<HeldRun, 'claim'>

/** The runs that hold a slot of a pool. */
export interface PoolHolders {
  holders: Holder[]
  /** Whether it is proven that there are no others. */
  complete: boolean
}

/**
 * Lists the runs that hold a slot of a pool, read consistently where the index shows them. An index may lag by any time,
 * but the pool's own count does not: where no slot moved while the runs were read, and as many hold one as are counted,
 * none is missing. `deploymentId` says whose are wanted where it is not worth proving.
 */
export async function listPoolHolders(deps: Deps, poolId: string, deploymentId: string): Promise<PoolHolders> {
  for (let round = 1; ; round += 1) {
    const before = await limitOf(deps, poolId)
    const rows = await listActiveRuns(deps.table, poolId)
    const provable = before !== undefined && rows.length <= PROOF_RUNS_MAX
    const wanted = provable ? rows : rows.filter((row) => row.deploymentId === deploymentId)
    const holders = await readHolders(deps, poolId, wanted)
    const after = await limitOf(deps, poolId)
    const still = after?.moves === before?.moves
    if (!provable || still || round === ROUNDS_MAX)
      return { holders, complete: provable && still && holders.length === after?.active }
  }
}

async function limitOf(deps: Deps, poolId: string): Promise<Limit | undefined> {
  const key = poolLimit(poolId)
  return (await getLimits(deps.table, [key])).get(key)
}

async function readHolders(deps: Deps, poolId: string, rows: readonly { runId: string }[]): Promise<Holder[]> {
  const runs = await getRunCores(
    deps.table,
    rows.map(({ runId }) => runId),
  )
  return runs.filter(isHeld).filter(({ claim }) => claim.slots.includes(poolLimit(poolId)))
}
