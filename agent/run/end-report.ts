import { endOfExit } from '#shared/ecs-task/stop-reason.ts'
import { timeoutMessage } from '#shared/flow-run/messages.ts'
import type { TreeEnd } from '#shared/process/process-tree.ts'
import type { Outcome } from '../agent-status.ts'
import type { ClaimedRun } from '../report/hand-out.ts'
import type { Proposed } from '../report/judge-answer.ts'
import type { Order } from './order.ts'

/** How a run's process ended; `unstarted`: there never was one, and why, if it should have been there. */
export type End = TreeEnd | { kind: 'unstarted'; problem: string | null }

const KILLED_EXIT_CODE = 128 + 9

/** The state that a run is left in, by how its process ended and what it was told; undefined for one that is lost. */
export function endReport(
  run: ClaimedRun,
  end: End,
  order: Order | undefined,
  agentName: string,
): Proposed | undefined {
  switch (order?.kind) {
    case 'lost':
      return undefined
    case 'cancel':
      return cancelledState(order.message)
    case 'timeout':
      return { type: 'FAILED', name: 'TimedOut', message: timeoutMessage({ timeoutSeconds: run.job.timeout_seconds }) }
    case 'shut_down':
      return leftBehind(run, end, `Agent '${agentName}' was stopped before the run ended.`)
    case 'lapse':
      return leftBehind(run, end, `Agent '${agentName}' had no contact for so long that its lease on the run ended.`)
    case undefined:
      return ownEnd(run, end)
  }
}

/** The state of a run that was cancelled, with the words of who wanted it. */
export function cancelledState(message: string | null): Proposed {
  return { type: 'CANCELLED', message: message ?? 'The flow run was cancelled.' }
}

/** What never ran waits to be claimed again; of what did, its deployment decides. */
function leftBehind(run: ClaimedRun, end: End, message: string): Proposed {
  if (end.kind !== 'unstarted' && run.on_agent_lost === 'crash') return { type: 'CRASHED', message }
  const { next_scheduled_start_time: next, expected_start_time: expected } = run.flow_run
  return { type: 'SCHEDULED', message, state_details: { scheduled_time: next ?? expected } }
}

function ownEnd({ job }: ClaimedRun, end: End): Proposed {
  if (end.kind === 'unstarted') {
    return { type: 'CRASHED', message: `The job could not be started: ${end.problem ?? 'no reason is known'}` }
  }
  const code = end.kind === 'exited' ? end.code : KILLED_EXIT_CODE
  if (job.kind === 'command') return endOfExit(code)
  if (code !== 0) return { type: 'CRASHED', message: `Flow run process exited with status code ${code}.` }
  return { type: 'CRASHED', message: 'Flow run process exited with status code 0 without reporting a final state.' }
}

const OUTCOMES: Record<string, Outcome> = {
  COMPLETED: 'completed',
  FAILED: 'failed',
  CRASHED: 'crashed',
  CANCELLED: 'cancelled',
  SCHEDULED: 'handed_back',
}

/** The outcome of a run that has entered the state with which it leaves its agent. */
export function outcomeOf({ type }: Pick<Proposed, 'type'>): Outcome {
  return OUTCOMES[type] ?? 'lost'
}
