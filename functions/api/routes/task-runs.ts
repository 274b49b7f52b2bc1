import type { Hono } from 'hono'
import * as contract from '#shared/contract/task-run/task-run.ts'
import type { Deps } from '#shared/deps.ts'
import { assertFlowRunClaim } from '#shared/engine/fence/assert-flow-run-claim.ts'
import { listTaskRuns } from '#shared/engine/read/list-task-runs.ts'
import { withChildStates } from '#shared/engine/read/with-child-states.ts'
import { createTaskRun } from '#shared/engine/task-run/create-task-run.ts'
import { deleteTaskRun } from '#shared/engine/task-run/delete-task-runs.ts'
import { renameTaskRun } from '#shared/engine/task-run/rename-task-run.ts'
import { setTaskRunState } from '#shared/engine/task-run/set-task-run-state.ts'
import { notFound } from '#shared/errors.ts'
import { getTaskRun } from '#shared/storage/task-run/get-task-run.ts'
import type { TaskRun } from '#shared/task-run/task-run.ts'
import type { TaskRunFilter } from '#shared/task-run/task-run-filter.ts'
import { namedClaimOf } from '../named-claim.ts'
import { pageOf } from '../page.ts'
import { route, withStatus } from '../route.ts'
import { verdictView } from '../views/orchestration.ts'
import { taskRunStateView, taskRunView } from '../views/task-run.ts'

/** Serves task runs. */
export function taskRunRoutes(app: Hono, deps: Deps): void {
  route(app, contract.createTaskRun, async ({ body, header }) => {
    await assertFlowRunClaim(deps, { flowRunId: body.flow_run_id ?? null }, namedClaimOf({ header }))
    const { task, created } = await createTaskRun(deps, {
      id: body.id,
      name: body.name,
      state: body.state,
      tags: body.tags ?? [],
      flowRunId: body.flow_run_id ?? null,
      taskKey: body.task_key,
      dynamicKey: body.dynamic_key,
      policy: contract.parseTaskRunPolicy(body.empirical_policy),
      details: {
        taskVersion: body.task_version ?? null,
        cacheKey: body.cache_key ?? null,
        cacheExpiration: body.cache_expiration ?? null,
        labels: body.labels ?? {},
        inputs: body.task_inputs ?? {},
      },
    })
    const [shown] = await taskRunViews(deps, [task])
    return withStatus(created ? 201 : 200, shown ?? taskRunView(task, deps.clock.now()))
  })

  route(app, contract.getTaskRun, async ({ params }) => {
    return taskRunView(await requireTaskRun(deps, params.id), deps.clock.now())
  })

  route(app, contract.updateTaskRun, async ({ params, body, header }) => {
    await assertFlowRunClaim(deps, { taskRunId: params.id }, namedClaimOf({ header }))
    if (body.name === undefined) await requireTaskRun(deps, params.id)
    else await renameTaskRun(deps, params.id, body.name)
  })

  route(app, contract.deleteTaskRun, async ({ params, header }) => {
    await assertFlowRunClaim(deps, { taskRunId: params.id }, namedClaimOf({ header }))
    await deleteTaskRun(deps, params.id)
  })

  route(app, contract.setTaskRunState, async ({ params, body, header }) => {
    const options = { force: body.force, claim: namedClaimOf({ header }) }
    const { verdict, task, wrote } = await setTaskRunState(deps, params.id, body.state, options)
    return withStatus(
      wrote ? 201 : 200,
      verdictView(verdict, (state) => taskRunStateView(task, state)),
    )
  })

  route(app, contract.listTaskRuns, async ({ body }) => {
    const { sort, limit, offset, ...scope } = body
    const found = await listTaskRuns(deps, queryOf(scope), sort)
    return found.slice(offset, offset + limit).map((task) => taskRunView(task, deps.clock.now()))
  })

  route(app, contract.countTaskRuns, async ({ body }) => (await listTaskRuns(deps, queryOf(body), 'ID_DESC')).length)

  route(app, contract.paginateTaskRuns, async ({ body }) => {
    const { sort, limit, page, ...scope } = body
    const found = await listTaskRuns(deps, queryOf(scope), sort)
    const shown = found.slice((page - 1) * limit, page * limit).map((task) => taskRunView(task, deps.clock.now()))
    return pageOf(shown, found.length, body)
  })
}

async function requireTaskRun(deps: Deps, taskRunId: string): Promise<TaskRun> {
  const task = await getTaskRun(deps.table, taskRunId)
  const [shown] = await withChildStates(deps, task ? [task] : [])
  if (!shown) throw notFound('Task run', taskRunId)
  return shown
}

async function taskRunViews(deps: Deps, tasks: readonly TaskRun[]) {
  const now = deps.clock.now()
  return (await withChildStates(deps, tasks)).map((task) => taskRunView(task, now))
}

function queryOf({ task_runs: filter = {}, ...scope }: { task_runs?: TaskRunFilter | undefined }) {
  return { filter, scope }
}
