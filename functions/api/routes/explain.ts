import type { Hono } from 'hono'
import * as contract from '#shared/contract/flow-run/explain.ts'
import type { Deps } from '#shared/deps.ts'
import { type Explanation, explainRun, explainRuns } from '#shared/engine/explain/explain-runs.ts'
import { formatInstant } from '#shared/instant.ts'
import type { Limit } from '#shared/limit/limit.ts'
import { route } from '../route.ts'

/** Says of runs why they wait, or what they do. */
export function explainRoutes(app: Hono, deps: Deps): void {
  route(app, contract.explainFlowRun, async ({ params }) => explanationView(await explainRun(deps, params.id)))

  route(app, contract.explainFlowRuns, async ({ body }) => {
    return (await explainRuns(deps, body.flow_run_ids)).map(explanationView)
  })
}

function explanationView({ run, reason, message, obstacles, evaluatedAt }: Explanation) {
  const views = obstacles.map(({ limit, ahead, ...obstacle }) => ({
    reason: obstacle.reason,
    message: obstacle.message,
    limit: limit && limitView(limit),
    runs_ahead: ahead,
  }))
  const [first] = views
  return {
    flow_run_id: run.id,
    state_type: run.state.type,
    state_name: run.state.name,
    reason,
    message,
    limit: first?.limit ?? null,
    runs_ahead: first ? first.runs_ahead : reason === 'next' ? 0 : null,
    obstacles: views,
    evaluated_at: formatInstant(evaluatedAt),
  }
}

function limitView({ key, limit, active }: Limit) {
  const [kind, ...id] = key.split('#')
  return { kind: kind as 'pool' | 'queue' | 'deployment', id: id.join('#'), limit, active }
}
