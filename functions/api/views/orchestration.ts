import type { SetStateResult } from '#shared/engine/read/set-state-result.ts'
import type { State } from '#shared/flow-run/state.ts'
import type { Verdict } from '#shared/flow-run/verdict.ts'
import type { Instant } from '#shared/instant.ts'
import { currentStateView, stateView } from './flow-run-state.ts'

/** The answer to a state that was proposed for a flow run. */
export function orchestrationView({ verdict, run }: SetStateResult, now: Instant) {
  return verdictView(verdict, (state) => (state === run.state ? currentStateView(run, now) : stateView(run, state)))
}

/** The answer to a proposed state: Prefect's OrchestrationResult. WAIT and ABORT carry no state. */
export function verdictView<T>(verdict: Verdict, show: (state: State) => T) {
  const { status } = verdict
  switch (status) {
    case 'ACCEPT':
      return { state: show(verdict.state), status, details: { type: 'accept_details' as const } }
    case 'REJECT':
      return {
        state: show(verdict.state),
        status,
        details: { type: 'reject_details' as const, reason: verdict.reason },
      }
    case 'WAIT': {
      const { delaySeconds, reason } = verdict
      return { state: null, status, details: { type: 'wait_details' as const, delay_seconds: delaySeconds, reason } }
    }
    case 'ABORT':
      return { state: null, status, details: { type: 'abort_details' as const, reason: verdict.reason } }
  }
}
