import type { Deps } from '../deps.ts'
import { activePhase, blockedPhase, PAUSE_PHASE, readyPhase } from '../flow-run/phase.ts'
import type { RunSource } from '../flow-run/run-source.ts'
import type { StateType } from '../flow-run/state.ts'
import { deploymentLimit } from '../limit/limit.ts'
import { listDeployments } from '../storage/list-deployments.ts'
import { listPhase } from '../storage/list-phase.ts'
import { listPools } from '../storage/list-pools.ts'
import { listRuns, type RunListRow } from '../storage/list-runs.ts'
import { mergeSorted } from '../storage/merge-sorted.ts'

export interface FoundIds {
  runIds: AsyncGenerator<string>
  /** Whether they come in the order of their expected start. */
  sorted: boolean
}

/** Up to this many runs in the states asked for are read whole; a larger backlog is dense in the list by time. */
const WHOLE_MAX = 2_000

/** Reads the ids of a source, as far as they are asked for. */
export async function findRunIds(deps: Deps, source: RunSource, descending: boolean): Promise<FoundIds> {
  switch (source.kind) {
    case 'ids':
      return { runIds: each(source.runIds), sorted: false }
    case 'states': {
      const runIds = await inStates(deps, source.types)
      return runIds ? { runIds: each(runIds), sorted: false } : await findRunIds(deps, source.otherwise, descending)
    }
    case 'time':
      return { runIds: idsOf(listRuns(deps.table, { from: source.from, to: source.to, descending })), sorted: true }
    case 'deployments': {
      const { from, to } = source
      const lists = source.deploymentIds.map((deploymentId) =>
        listRuns(deps.table, { deploymentId, from, to, descending }),
      )
      const direction = descending ? -1 : 1
      return { runIds: idsOf(mergeSorted(lists, (a, b) => direction * (a.startAt - b.startAt))), sorted: true }
    }
  }
}

async function* each(runIds: readonly string[]): AsyncGenerator<string> {
  yield* runIds
}

async function* idsOf(rows: AsyncGenerator<RunListRow>): AsyncGenerator<string> {
  for await (const row of rows) yield row.runId
}

/** The runs in the phases that these states have; undefined when they are more than WHOLE_MAX. */
async function inStates(deps: Deps, types: readonly StateType[]): Promise<string[] | undefined> {
  const phases = await phasesOf(deps, types)
  const pages = await Promise.all(phases.map((phase) => listPhase(deps.table, { phase, limit: WHOLE_MAX })))
  const runIds = pages.flatMap((page) => page.rows.map((row) => row.runId))
  return runIds.length > WHOLE_MAX || pages.some((page) => page.after) ? undefined : runIds
}

/** See phase.ts; a run that waits for its own retry is SCHEDULED and active. */
async function phasesOf(deps: Deps, types: readonly StateType[]): Promise<string[]> {
  const waiting = types.includes('SCHEDULED')
  const held = types.some((type) => type !== 'PAUSED')
  const pools = held ? [null, ...(await listPools(deps.table)).map((pool) => pool.id)] : []
  const deployments = waiting ? await listDeployments(deps.table) : []
  const capped = deployments.filter((deployment) => deployment.concurrencyLimit !== null)
  const parking = capped.map((deployment) => blockedPhase(deploymentLimit(deployment.id)))
  return [
    ...(types.includes('PAUSED') ? [PAUSE_PHASE] : []),
    ...pools.map(activePhase),
    ...(waiting ? [...pools.map(readyPhase), ...parking] : []),
  ]
}
