import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { secondsBetween } from '#shared/instant.ts'

/** Until a process that serves calls knows what pools make of silence (SETTINGS_SECONDS), and its calls have been made. */
const UNKNOWN_SECONDS = 30
const WORDS = /^The worker that held this run was silent for (\d+) minutes\.$/

/** Nothing is taken for gone that has called of late, and was answered; for worlds in which nothing goes wrong with a call. */
export function silenceProblems(before: FlowRun, run: FlowRun, calledAt: number | undefined): string[] {
  const minutes = WORDS.exec(run.state.message ?? '')?.[1]
  if (minutes === undefined || before.stateSequence === run.stateSequence || calledAt === undefined) return []
  const silentSeconds = secondsBetween(0, run.state.timestamp) - calledAt
  if (silentSeconds >= Number(minutes) * 60 - UNKNOWN_SECONDS) return []
  return [
    `I4 run ${run.id} was crashed after ${Math.floor(silentSeconds)} s without a call, in place of ${minutes} min`,
  ]
}
