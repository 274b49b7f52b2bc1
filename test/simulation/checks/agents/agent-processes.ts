import { secondsBetween } from '#shared/instant.ts'
import type { Step } from '../../machine/scheduler.ts'
import type { KnownAgents } from '../../outside/known-agents.ts'
import type { Picture } from '../picture.ts'
import { letGoByClient } from '../task-watch.ts'
import { isEndOfSession } from './session-ends.ts'
import { isAgents } from './session-records.ts'

/** I1: when a session's hold of a run is ended, and when a run is claimed again, no process of it is alive on any host. */
export function agentProcessProblems(
  before: Picture,
  { runs }: Picture,
  agents: KnownAgents,
  { at }: Step,
  clocksDifferSeconds: number,
): string[] {
  if (before.runs === runs || agents.sessions.size === 0) return []
  const seconds = secondsBetween(0, at)
  return [...before.runs].flatMap(([life, held]) => {
    const run = runs.get(life)
    if (!run || run === held) return []
    const ends = isAgents(held) && isEndOfSession(held, run)
    const claimed = run.generation > held.generation && !letGoByClient(held)
    if (!ends && !claimed) return []
    const what = ends ? `is ${run.state.name} as its session is over` : 'was claimed again'
    return agents
      .alive(held, seconds, clocksDifferSeconds)
      .map(
        ({ session, run: { generation } }) =>
          `I1 run ${run.id} ${what}, and its process of generation ${generation} is alive in session ${session.id}`,
      )
  })
}
