import type { SetStateResult } from '../../../shared/engine/set-state-result.ts'
import type { Instant } from '../../../shared/instant.ts'
import { currentStateView, stateView } from './flow-run-state.ts'

/** The answer to a proposed state: Prefect's OrchestrationResult. WAIT and ABORT carry no state. */
export function orchestrationView({ verdict, run }: SetStateResult, now: Instant) {
  const { status } = verdict
  switch (status) {
    case 'ACCEPT':
      return { state: stateView(run, verdict.state), status, details: { type: 'accept_details' as const } }
    case 'REJECT': {
      const state = verdict.state === run.state ? currentStateView(run, now) : stateView(run, verdict.state)
      return { state, status, details: { type: 'reject_details' as const, reason: verdict.reason } }
    }
    case 'WAIT': {
      const { delaySeconds, reason } = verdict
      return { state: null, status, details: { type: 'wait_details' as const, delay_seconds: delaySeconds, reason } }
    }
    case 'ABORT':
      return { state: null, status, details: { type: 'abort_details' as const, reason: verdict.reason } }
  }
}
