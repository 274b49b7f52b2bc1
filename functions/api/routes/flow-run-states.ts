import type { Hono } from 'hono'
import * as contract from '#shared/contract/flow-run/flow-run-state.ts'
import type { Deps } from '#shared/deps.ts'
import { notFound } from '#shared/errors.ts'
import { parseStateId } from '#shared/flow-run/ids.ts'
import { getRun } from '#shared/storage/flow-run/get-run.ts'
import { route } from '../route.ts'
import { stateViews } from '../views/flow-run-state.ts'

/** Serves the states of runs, which are read from the runs themselves. */
export function flowRunStateRoutes(app: Hono, deps: Deps): void {
  route(app, contract.listFlowRunStates, async ({ query }) => {
    const run = await getRun(deps.table, query.flow_run_id)
    // Prefect returns an empty list for an unknown run.
    return run ? stateViews(run, deps.clock.now()) : []
  })

  route(app, contract.getFlowRunState, async ({ params }) => {
    const run = await getRun(deps.table, parseStateId(params.id).runId)
    const state = run && stateViews(run, deps.clock.now()).find((each) => each.id === params.id)
    if (!state) throw notFound('State', params.id)
    return state
  })
}
