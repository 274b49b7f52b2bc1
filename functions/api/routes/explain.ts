import type { Hono } from 'hono'
import * as contract from '#shared/contract/flow-run/explain.ts'
import type { Deps } from '#shared/deps.ts'
import { explainRun } from '#shared/engine/flow-run/explain-run.ts'
import { formatInstant } from '#shared/instant.ts'
import type { Limit } from '#shared/limit/limit.ts'
import { route } from '../route.ts'

/** Says of a run why it waits, or what it does. */
export function explainRoutes(app: Hono, deps: Deps): void {
  route(app, contract.explainFlowRun, async ({ params }) => {
    const { run, reason, message, limit, ahead, evaluatedAt } = await explainRun(deps, params.id)
    return {
      flow_run_id: run.id,
      state_type: run.state.type,
      state_name: run.state.name,
      reason,
      message,
      limit: limit && limitView(limit),
      runs_ahead: ahead,
      evaluated_at: formatInstant(evaluatedAt),
    }
  })
}

function limitView({ key, limit, active }: Limit) {
  const [kind, ...id] = key.split('#')
  return { kind: kind as 'pool' | 'queue' | 'deployment', id: id.join('#'), limit, active }
}
