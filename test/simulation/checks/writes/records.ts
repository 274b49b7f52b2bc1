import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { StateType } from '#shared/flow-run/state.ts'
import { addSeconds } from '#shared/instant.ts'

/** Ends that nobody wanted, and waits that nobody asked for: of these people ask why. */
const WITH_REASON: ReadonlySet<StateType> = new Set(['CRASHED', 'CANCELLED'])

/** From when a claim is decided until it commits, other processes may write the run. */
const CLAIM_SECONDS = 90

/** I15: each state has its place in the history, a time after the one before it, who wrote it, and a reason where one is due. */
export function recordProblems(before: FlowRun | undefined, run: FlowRun, clocksDifferSeconds: number): string[] {
  const { id, state, history, generation } = run
  if (before?.stateSequence === run.stateSequence) return []
  const last = history.at(-1)
  const previous = history.at(-2)
  const byService = last?.by?.kind === 'service' || last?.by?.kind === 'ecs'
  // Whoever asked for it may have given none.
  const asked = previous?.type === 'CANCELLING' && previous.message === null
  // A claim is written without a look at the run, by the clock of who claims.
  const early = state.type === 'PENDING' ? CLAIM_SECONDS + clocksDifferSeconds : 0
  const latest = addSeconds(state.timestamp, early)
  const said = `I15 run ${id} is ${state.name}`
  return [
    ...(last?.type === state.type && last.timestamp === state.timestamp
      ? []
      : [`${said}, which its history leaves out`]),
    ...(last?.by ? [] : [`${said}, and it is not said by whom`]),
    ...(last?.by && last.by.generation > generation ? [`${said} by a generation to come`] : []),
    ...(previous && previous.timestamp >= latest ? [`${said} since before its last state`] : []),
    ...(byService && WITH_REASON.has(state.type) && !asked && !state.message ? [`${said} without a reason`] : []),
  ]
}
