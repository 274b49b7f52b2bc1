import type { Hono } from 'hono'
import * as flowRuns from '#shared/contract/flow-run/flow-run.ts'
import * as contract from '#shared/contract/flow-run/flow-run-input.ts'
import type { Deps } from '#shared/deps.ts'
import { createRunInput, deleteRunInput } from '#shared/engine/flow-run/create-run-input.ts'
import { resumeFlowRun } from '#shared/engine/flow-run/resume-flow-run.ts'
import { notFound } from '#shared/errors.ts'
import type { RunInput } from '#shared/flow-run/run-input.ts'
import { idFromName } from '#shared/ids.ts'
import { formatInstant } from '#shared/instant.ts'
import { getRunRef } from '#shared/storage/flow-run/get-lives.ts'
import { getRunInput, listRunInputs } from '#shared/storage/flow-run/list-run-inputs.ts'
import { fenceOf, originOf } from '../named-claim.ts'
import { route, withStatus } from '../route.ts'
import { orchestrationView } from '../views/orchestration.ts'

/** Serves the inputs of running flows, and resumes those that are paused for one. */
export function flowRunInputRoutes(app: Hono, deps: Deps): void {
  const requireInput = async (runId: string, key: string) => {
    const run = await getRunRef(deps.table, runId)
    const input = run && (await getRunInput(deps.table, run, key))
    if (!input) throw notFound('Flow run input', key)
    return { run, input }
  }

  route(app, contract.createFlowRunInput, async ({ params, body: { key, value, sender = null }, header }) => {
    const input = { runId: params.id, key, value, sender }
    await createRunInput(deps, input, fenceOf({ header }, params.id))
    return null
  })

  route(app, contract.listFlowRunInputs, async ({ params, body: { prefix, limit, exclude_keys: exclude } }) => {
    const run = await getRunRef(deps.table, params.id)
    return run ? (await listRunInputs(deps.table, { run, prefix, limit, exclude })).map(inputView) : []
  })

  route(app, contract.getFlowRunInput, async ({ params }) => (await requireInput(params.id, params.key)).input.value)

  route(app, contract.deleteFlowRunInput, ({ params, header }) =>
    deleteRunInput(deps, params.id, params.key, fenceOf({ header }, params.id)),
  )

  route(app, flowRuns.resumeFlowRun, async (request) => {
    const { params, body } = request
    const fence = fenceOf(request, params.id)
    const options = { fence, origin: originOf(request, fence) }
    const result = await resumeFlowRun(deps, params.id, body.run_input, options)
    return withStatus(result.wrote ? 201 : 200, orchestrationView(result, deps.clock.now()))
  })
}

function inputView({ runId, key, value, sender, created }: RunInput) {
  const time = formatInstant(created)
  const id = idFromName('flow-run-input', runId, key)
  return { id, created: time, updated: time, flow_run_id: runId, key, value, sender }
}
