import type { Deps } from '#shared/deps.ts'
import { endedPhase, instantOfSort } from '#shared/flow-run/phase.ts'
import type { StateType } from '#shared/flow-run/state.ts'
import { addSeconds, dayOf, type Instant } from '#shared/instant.ts'
import { mergeSorted } from '#shared/storage/dynamo/merge-sorted.ts'
import { listFlows } from '#shared/storage/flow/list-flows.ts'
import { listPhase, type PhaseEntryRow, type PhaseRange } from '#shared/storage/flow-run/list-phase.ts'

const DAY_SECONDS = 24 * 3600
/** Days read side by side. Most days before a list is full have few runs, and one request each. */
const DAYS_AT_ONCE = 16
const PAGE_ROWS = 100

/** The ids of runs that ended in these states, the latest end first, back to the days when nothing could have ended. */
export async function* endedRunIds(deps: Deps, types: readonly StateType[]): AsyncGenerator<string> {
  const days = await daysOfService(deps)
  for (let at = 0; at < days.length; at += DAYS_AT_ONCE) {
    const phases = days.slice(at, at + DAYS_AT_ONCE).flatMap((day) => types.map((type) => endedPhase(type, day)))
    const lists = phases.map((phase) => rowsOf(deps, phase))
    for await (const { runId } of mergeSorted(lists, (a, b) => instantOfSort(b.sort) - instantOfSort(a.sort)))
      yield runId
  }
}

/** From tomorrow, as clocks differ, back to the day of the first flow: no run is older than its flow. */
async function daysOfService(deps: Deps): Promise<string[]> {
  const flows = await listFlows(deps.table)
  const now = deps.clock.now()
  const first = dayOf(Math.min(now, ...flows.map((flow) => flow.created)))
  const days: string[] = []
  let time: Instant = addSeconds(now, DAY_SECONDS)
  do {
    days.push(dayOf(time))
    time = addSeconds(time, -DAY_SECONDS)
  } while ((days.at(-1) ?? first) > first)
  return days
}

async function* rowsOf(deps: Deps, phase: string): AsyncGenerator<PhaseEntryRow> {
  let after: PhaseRange['after']
  do {
    const page = await listPhase(deps.table, { phase, limit: PAGE_ROWS, descending: true, after })
    yield* page.rows
    after = page.after
  } while (after)
}
