import type { Claim, FlowRun } from '#shared/flow-run/flow-run.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import type { Hold } from './agent.ts'

/** A run that an agent says it holds: its process lives, or its end is not reported yet. */
export interface Held {
  runId: string
  generation: number
}

/** What an agent must stop. `lost`: the run is not the session's any more. */
export interface RunToStop extends Held {
  reason: 'cancelling' | 'lost'
  message: string | null
}

/** What becomes of a session's holds. */
export interface SettledHolds {
  /** Those that count on. */
  kept: Hold[]
  /** Of them, those that the agent does not name: their answer was lost, so they are handed out again. */
  again: Hold[]
  stop: RunToStop[]
}

type Core = Pick<FlowRun, 'id' | 'life' | 'generation' | 'state' | 'claim' | 'history'>

/**
 * Compares what a session has on record with what its runs say and what its agent says. What is on record wins: a run
 * that the agent does not name is handed out again. One that has ended counts against limits of the agent until its
 * process is gone, too. Pure.
 */
export function settleHolds(
  recorded: readonly Hold[],
  runs: ReadonlyMap<string, Core>,
  holding: readonly Held[],
): SettledHolds {
  const named = new Set(holding.map(keyOf))
  const kept: Hold[] = []
  const again: Hold[] = []
  const stop: RunToStop[] = []
  for (const hold of recorded) {
    const run = runs.get(hold.runId)
    const holds = run !== undefined && isHeldAs(run, hold)
    if (!holds && !named.has(keyOf(hold))) continue
    kept.push(hold)
    if (!named.has(keyOf(hold))) again.push(hold)
    if (!holds && !isOwnEnd(run, hold)) stop.push(lost(hold, run))
    if (holds && run.state.type === 'CANCELLING') {
      stop.push({ runId: hold.runId, generation: hold.generation, reason: 'cancelling', message: run.state.message })
    }
  }
  const known = new Set(recorded.map(keyOf))
  for (const each of holding) if (!known.has(keyOf(each))) stop.push(lost(each, undefined))
  return { kept, again, stop }
}

const keyOf = ({ runId, generation }: Held) => `${runId}#${generation}`

/** Whether a run is held under the very claim that is on record. */
export function isHeldAs(run: Core & { claim: Claim | null }, { life, generation }: Hold): boolean {
  return run.life === life && run.generation === generation && run.claim !== null && !isTerminal(run.state.type)
}

/** An end that the process itself reported under that claim: it exits by itself. What people end leaves it alive. */
function isOwnEnd(run: Core | undefined, { life, generation }: Hold): boolean {
  if (run?.life !== life || run.generation !== generation || !isTerminal(run.state.type)) return false
  const { type } = run.state
  return type === 'COMPLETED' || type === 'FAILED' || run.history.at(-1)?.by?.kind === 'claimant'
}

function lost({ runId, generation }: Held, run: Core | undefined): RunToStop {
  const message = run ? `The run is ${run.state.name} in generation ${run.generation}.` : 'The run is not on record.'
  return { runId, generation, reason: 'lost', message }
}
