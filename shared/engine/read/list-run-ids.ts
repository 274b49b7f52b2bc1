import type { Deps } from '#shared/deps.ts'
import type { FlowRunSort } from '#shared/flow-run/flow-run-sort.ts'
import { activePhase, blockedPhase, PAUSED_PHASE, readyPhase } from '#shared/flow-run/phase.ts'
import type { RunSource } from '#shared/flow-run/run-source.ts'
import type { StateType } from '#shared/flow-run/state.ts'
import { mergeSorted } from '#shared/storage/dynamo/merge-sorted.ts'
import { listPhase } from '#shared/storage/flow-run/list-phase.ts'
import { listRuns, type RunListRow } from '#shared/storage/flow-run/list-runs.ts'
import { listLineIds } from '#shared/storage/work-pool/list-pool-lines.ts'
import { endedRunIds } from './ended-run-ids.ts'

export interface ListedRunIds {
  runIds: AsyncGenerator<string>
  /** The sort in whose order they come, if they come in one. */
  sort: FlowRunSort | null
}

/** Up to this many runs in the requested states are read whole; a larger backlog is dense in the list by time. */
const WHOLE_MAX = 2_000

/** Reads the ids of a source lazily, in the requested order where an index has it. */
export async function listRunIds(deps: Deps, source: RunSource, wanted: FlowRunSort): Promise<ListedRunIds> {
  const descending = wanted !== 'EXPECTED_START_TIME_ASC'
  const byStart = descending ? 'EXPECTED_START_TIME_DESC' : 'EXPECTED_START_TIME_ASC'
  switch (source.kind) {
    case 'ids':
      return { runIds: each(source.runIds), sort: null }
    case 'states': {
      const runIds = await inStates(deps, source.types)
      return runIds ? { runIds: each(runIds), sort: null } : await listRunIds(deps, source.otherwise, wanted)
    }
    case 'ends': {
      const runIds = endedRunIds(deps, source.types)
      if (wanted === 'END_TIME_DESC') return { runIds, sort: wanted }
      const all = await atMost(runIds, WHOLE_MAX)
      return all ? { runIds: each(all), sort: null } : await listRunIds(deps, source.otherwise, wanted)
    }
    case 'time':
      return { runIds: idsOf(listRuns(deps.table, { from: source.from, to: source.to, descending })), sort: byStart }
    case 'deployments': {
      const { from, to } = source
      const lists = source.deploymentIds.map((deploymentId) =>
        listRuns(deps.table, { deploymentId, from, to, descending }),
      )
      const direction = descending ? -1 : 1
      return { runIds: idsOf(mergeSorted(lists, (a, b) => direction * (a.startAt - b.startAt))), sort: byStart }
    }
  }
}

/** All of them, or undefined when they are more. */
async function atMost(runIds: AsyncGenerator<string>, most: number): Promise<string[] | undefined> {
  const all: string[] = []
  for await (const runId of runIds) {
    all.push(runId)
    if (all.length > most) return undefined
  }
  return all
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
  // A run that moves on while these are read may be met twice.
  const runIds = new Set(pages.flatMap((page) => page.rows.map((row) => row.runId)))
  return runIds.size > WHOLE_MAX || pages.some((page) => page.after) ? undefined : [...runIds]
}

/** See phase.ts; a run that waits for its own retry, or is paused in its process, is active. */
async function phasesOf(deps: Deps, types: readonly StateType[]): Promise<string[]> {
  const waiting = types.includes('SCHEDULED')
  const pools = await listLineIds(deps.table)
  return [
    ...(types.includes('PAUSED') ? [PAUSED_PHASE] : []),
    ...pools.map(activePhase),
    ...(waiting ? pools.flatMap((poolId) => [readyPhase(poolId), blockedPhase(poolId)]) : []),
  ]
}
