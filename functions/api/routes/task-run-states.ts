import type { Hono } from 'hono'
import * as contract from '#shared/contract/task-run/task-run.ts'
import type { Deps } from '#shared/deps.ts'
import { withChildStates } from '#shared/engine/read/with-child-states.ts'
import { notFound } from '#shared/errors.ts'
import { parseStateId } from '#shared/flow-run/ids.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import { route } from '../route.ts'
import { taskRunStateViews } from '../views/task-run.ts'

/** Serves the states of task runs, which are read from the task runs themselves. */
export function taskRunStateRoutes(app: Hono, deps: Deps): void {
  route(app, contract.listTaskRunStates, ({ query }) => statesOf(deps, query.task_run_id))

  route(app, contract.getTaskRunState, async ({ params }) => {
    const states = await statesOf(deps, parseStateId(params.id).runId)
    const state = states.find((each) => each.id === params.id)
    if (!state) throw notFound('State', params.id)
    return state
  })
}

/** Empty for an unknown task run, as in Prefect. */
async function statesOf(deps: Deps, taskRunId: string) {
  const task = await getTaskRun(deps.table, taskRunId)
  const [shown] = await withChildStates(deps, task ? [task] : [])
  return shown ? taskRunStateViews(shown) : []
}
