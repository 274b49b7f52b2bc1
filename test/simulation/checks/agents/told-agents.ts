import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { secondsBetween } from '#shared/instant.ts'
import type { HeardAnswer, Json } from '../../outside/caller.ts'
import type { Picture } from '../picture.ts'
import { isHeldBy } from './session-records.ts'

interface Told {
  picture: Picture
  /** When the call was sent first, in seconds of the world; what was so before then, and is, must be told. */
  sentAt: number
  /** When a run was written last. */
  writtenAt: (run: FlowRun) => number
}

/**
 * I4: what a session holds and its agent does not name is handed out again, as the answer was lost that told of it; and
 * whatever it names and must end it is told to stop.
 */
export function toldProblems({ label, operation, status, asked, body }: HeardAnswer, told: Told): string[] {
  if (operation !== 'claimWork' || status !== 200 || asked.leaving) return []
  const named = new Map((asked.holding as Json[]).map(({ flow_run_id: id, generation }) => [id, generation]))
  const given = new Set((body.runs as Json[]).map((each) => `${each.flow_run.id}#${each.generation}`))
  const stopped = new Map((body.stop as Json[]).map((each) => [`${each.flow_run_id}#${each.generation}`, each.reason]))
  return [...told.picture.runs.values()].flatMap((run) => {
    const { id, generation, state } = run
    if (secondsBetween(0, told.writtenAt(run)) >= told.sentAt) return []
    const isHeld = isHeldBy(asked.session as string, run, told.picture)
    const its = named.get(id) as number | undefined
    const why = `the answer to ${label} leaves out run ${id}, ${state.name} in generation ${generation},`
    if (isHeld && its !== generation)
      return state.type === 'CANCELLING' || given.has(`${id}#${generation}`)
        ? []
        : [`I4 ${why} which it holds and does not name`]
    if (its === undefined) return []
    const reason = stopped.get(`${id}#${its}`)
    if (isHeld)
      return state.type === 'CANCELLING' && reason !== 'cancelling' ? [`I9 ${why} which is to be stopped`] : []
    // Its session may have come to its end while it was answered.
    const isMoved = generation === its && run.claim?.session?.session === asked.session
    return reason === 'lost' || isMoved || isOwnEnd(run, its) ? [] : [`I9 ${why} which it holds no more`]
  })
}

/** An end that a process may have reported by itself. */
function isOwnEnd({ state, generation, history }: FlowRun, its: number): boolean {
  const reported = state.type === 'COMPLETED' || state.type === 'FAILED' || history.at(-1)?.by?.kind === 'claimant'
  return generation === its && isTerminal(state.type) && reported
}
