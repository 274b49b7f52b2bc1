import type { Hono } from 'hono'
import * as contract from '#shared/contract/flow-run/flow-run-input.ts'
import type { Deps } from '#shared/deps.ts'
import { createRunInput, deleteRunInput } from '#shared/engine/flow-run/create-run-input.ts'
import { notFound } from '#shared/errors.ts'
import type { RunInput } from '#shared/flow-run/run-input.ts'
import { idFromName } from '#shared/ids.ts'
import { formatInstant } from '#shared/instant.ts'
import { getRunRef } from '#shared/storage/flow-run/get-lives.ts'
import { getRunInput, listRunInputs } from '#shared/storage/flow-run/list-run-inputs.ts'
import { fenceOf } from '../named-claim.ts'
import { route } from '../route.ts'

/** Serves the inputs of running flows. */
export function flowRunInputRoutes(app: Hono, deps: Deps): void {
  const requireInput = async (runId: string, key: string) => {
    const run = await getRunRef(deps.table, runId)
    const input = run && (await getRunInput(deps.table, run, key))
    if (!input) throw notFound('Flow run input', key)
    return { run, input }
  }

  route(app, contract.createFlowRunInput, async ({ params, body: { key, value, sender = null }, header }) => {
    const input = { runId: params.id, key, value: value.toWellFormed(), sender }
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
}

function inputView({ runId, key, value, sender, created }: RunInput) {
  const time = formatInstant(created)
  const id = idFromName('flow-run-input', runId, key)
  return { id, created: time, updated: time, flow_run_id: runId, key, value, sender }
}
