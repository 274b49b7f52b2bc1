import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PARAMETERS_BYTES_MAX } from '#shared/bounds.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { variableKey } from '#shared/storage/dynamo/table.ts'
import { variableIdOf } from '#shared/variable/variable.ts'
import { api } from '../../support/api.ts'
import { ecsTemplate } from '../../support/ecs/ecs-template.ts'
import { openWorld, type World } from '../../support/world.ts'

type Json = Record<string, unknown>

let world: World
let http: ReturnType<typeof api>
let flowId: string
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'checked' })).body.id
})
afterAll(() => world.close())

let number = 0
beforeEach(() => {
  number += 1
})

const detailOf = ({ status, body }: { status: number; body: Json }) => `${status} ${String(body.detail)}`
const schema = {
  type: 'object',
  required: ['n'],
  properties: { n: { type: 'integer' }, s: { type: 'string', default: 'x' } },
}

async function deploy(rest: Json = {}): Promise<string> {
  const { status, body } = await http.post('/deployments/', {
    name: `d${number}`,
    flow_id: flowId,
    parameter_openapi_schema: schema,
    ...rest,
  })
  expect(status).toBe(201)
  return body.id
}
const run = (id: string, body: Json = {}) => http.post(`/deployments/${id}/create_flow_run`, body)

describe("a run's parameters", () => {
  it.each<[Json, string]>([
    [{}, "409 Error creating flow run: Validation failed. Failure reason: 'n' is a required property"],
    [
      { n: 'a' },
      "409 Error creating flow run: Validation failed for field 'n'. Failure reason: 'a' is not of type 'integer'",
    ],
    [
      { n: 1, s: null },
      "409 Error creating flow run: Validation failed for field 's'. Failure reason: None is not of type 'string'",
    ],
  ])("%j violate the deployment's schema", async (parameters, said) => {
    expect(detailOf(await run(await deploy(), { parameters }))).toBe(said)
  })

  it('must conform, unless that is not enforced', async () => {
    const strict = await deploy({ parameters: { n: 1 } })
    expect((await run(strict, { parameters: { s: 'y' } })).body.parameters).toEqual({ n: 1, s: 'y' })
    expect((await run(strict, { parameters: { n: 'a' }, enforce_parameter_schema: false })).status).toBe(201)
    const lax = await deploy({ name: `lax${number}`, enforce_parameter_schema: false })
    expect((await run(lax, { parameters: { n: 'a' } })).status).toBe(201)
    expect((await run(lax, { parameters: { n: 'a' }, enforce_parameter_schema: true })).status).toBe(409)
  })

  it('may be anything if the deployment has no schema, as in Prefect 2', async () => {
    const id = await deploy({ parameter_openapi_schema: null })
    expect((await run(id, { parameters: { n: 'seven' } })).status).toBe(201)
  })

  it('may refer to variables and JSON, which are filled in first', async () => {
    const variable = { id: variableIdOf('size'), name: 'size', value: 7, tags: [], created: 0, updated: 1 }
    await putJsonItem(world.table, variableKey(variable.id), variable, undefined)
    const id = await deploy({ parameters: { n: { __prefect_kind: 'workspace_variable', variable_name: 'size' } } })
    const parameters = { s: { __prefect_kind: 'json', value: '"y"' } }
    expect((await run(id, { parameters })).body.parameters).toEqual({ n: 7, s: 'y' })
    const missing = { n: { __prefect_kind: 'workspace_variable', variable_name: 'none' } }
    expect(detailOf(await run(id, { parameters: missing }))).toBe(
      "400 Error hydrating flow run parameters: Variable 'none' not found in workspace.",
    )
    const patched = await http.patch(`/deployments/${id}`, { parameters: missing })
    expect(detailOf(patched)).toContain('400 Error hydrating deployment parameters')
  })

  it('may not grow beyond what can be stored', async () => {
    const value = 'v'.repeat(4_900)
    const variable = { id: variableIdOf('long'), name: 'long', value, tags: [], created: 0, updated: 1 }
    await putJsonItem(world.table, variableKey(variable.id), variable, undefined)
    const list = Array.from({ length: 200 }, () => ({ __prefect_kind: 'workspace_variable', variable_name: 'long' }))
    expect((await run(await deploy(), { parameters: { n: 1, list } })).status).toBe(413)
  })

  it('are rejected as by Prefect when too large, on every route', async () => {
    const id = await deploy({ parameter_openapi_schema: { type: 'object' } })
    const fill = (bytes: number) => ({ x: 'y'.repeat(bytes - '{"x":""}'.length) })
    const said = 'Flow run parameters must be less than 524,288 bytes when serialized (got 524,289 bytes).'
    const parameters = fill(PARAMETERS_BYTES_MAX + 1)
    const answers = [
      await run(id, { parameters }),
      await http.post('/flow_runs/', { flow_id: flowId, parameters }),
      await http.post('/deployments/', { name: 'large', flow_id: flowId, parameters }),
      await http.patch(`/deployments/${id}`, { parameters }),
    ]
    for (const { status, body } of answers) {
      expect(status).toBe(422)
      expect(body.exception_detail[0]).toMatchObject({ loc: ['body', 'parameters'], msg: `Value error, ${said}` })
    }
    expect((await run(id, { parameters: fill(PARAMETERS_BYTES_MAX) })).status).toBe(201)
    // Prefect counts characters beyond ASCII in their escaped form.
    expect((await run(id, { parameters: { x: 'é'.repeat(90_000) } })).status).toBe(422)
  })
})

describe("a deployment's parameters", () => {
  const create = (rest: Json) => http.post('/deployments/', { name: `c${number}`, flow_id: flowId, ...rest })

  it('are checked on create, if enforced', async () => {
    const wrong = { parameter_openapi_schema: schema, parameters: { n: 'a' } }
    const refused = await create({ ...wrong, enforce_parameter_schema: true })
    expect(refused.status).toBe(422)
    expect(refused.body.exception_detail[0].msg).toBe(
      "Value error, Validation failed for field 'n'. Failure reason: 'a' is not of type 'integer'",
    )
    expect((await create({ ...wrong, enforce_parameter_schema: false })).status).toBe(201)
    // Required parameters may still come with each run.
    const missing = { parameter_openapi_schema: schema, parameters: {}, enforce_parameter_schema: true }
    expect((await create({ ...missing, name: `m${number}` })).status).toBe(201)
  })

  it('need a valid schema', async () => {
    const rest = { parameter_openapi_schema: { type: 'strin' }, enforce_parameter_schema: true }
    const { status, body } = await create(rest)
    expect(status).toBe(422)
    expect(body.detail).toContain('The provided schema is not a valid json schema. Schema error: ')
    // One stored without enforcement is reported when it is needed.
    const { body: stored } = await create({ parameter_openapi_schema: { type: 'strin' } })
    expect(detailOf(await run(stored.id))).toMatch(/^422 Invalid schema: /)
  })

  it('are checked when they or their schema change', async () => {
    const id = await deploy({ parameters: { n: 1 } })
    const update = async (change: Json) => await http.patch(`/deployments/${id}`, change)
    expect(detailOf(await update({ parameters: { n: 'a' } }))).toBe(
      "409 Error updating deployment: Validation failed for field 'n'. Failure reason: 'a' is not of type 'integer'",
    )
    const other = { type: 'object', properties: { n: { type: 'string' } }, required: ['n'] }
    expect((await update({ parameter_openapi_schema: other })).status).toBe(409)
    expect((await update({ parameter_openapi_schema: other, parameters: { n: 'a' } })).status).toBe(204)
    expect((await update({ paused: true })).status).toBe(204)
  })
})

describe('job variables', () => {
  const wrong = { cpu: 'lots' }
  const said = "Validation failed for field 'cpu'. Failure reason: 'lots' is not valid under any of the given schemas"

  async function makePool(base_job_template: Json, type = 'ecs') {
    const name = `pool${number}`
    const { status, body } = await http.post('/work_pools/', { name, type, base_job_template })
    return { name, status, body }
  }

  it.each(['ecs', 'ecs:push'])('of a pool of type %s must conform to its schema, on every route', async (type) => {
    const { name } = await makePool(ecsTemplate(), type)
    const refused = await http.post('/deployments/', {
      name: `r${number}`,
      flow_id: flowId,
      work_pool_name: name,
      job_variables: wrong,
    })
    expect(detailOf(refused)).toBe(`422 Error creating deployment: ${said}`)
    const id = await deploy({ work_pool_name: name, parameters: { n: 1 }, job_variables: { command: 'true' } })
    expect(detailOf(await http.patch(`/deployments/${id}`, { job_variables: wrong }))).toBe(
      `409 Error updating deployment: ${said}`,
    )
    expect(detailOf(await run(id, { job_variables: wrong }))).toBe(`422 Error creating flow run: ${said}`)
    const { body: created } = await run(id, { job_variables: { cpu: 256 } })
    expect(created.job_variables).toEqual({ cpu: 256 })
    expect(detailOf(await http.patch(`/flow_runs/${created.id}`, { job_variables: wrong }))).toBe(
      `422 Error updating flow run: ${said}`,
    )
  })

  it('that are required must be present when a run is created', async () => {
    const template = ecsTemplate()
    Object.assign(template.variables, { required: ['image', 'cluster'] })
    template.variables.properties.cluster = { type: 'string', default: 'main' }
    const { name } = await makePool(template)
    const id = await deploy({ work_pool_name: name, parameters: { n: 1 } })
    expect(detailOf(await run(id))).toBe(
      "422 Error creating flow run: Validation failed. Failure reason: 'image' is a required property",
    )
    expect((await run(id, { job_variables: { image: 'a' } })).status).toBe(201)
  })

  it.each<[Json, string]>([
    [ecsTemplate({ cpu: 'lots' }), `422 Validation failed for work pool's job variable defaults: ${said}`],
    [{ job_configuration: { a: 1 }, variables: { type: 'strin' } }, '422 Invalid schema: '],
    [
      ecsTemplate({ aws_credentials: { $ref: { block_document_id: '0192f0c1-2d3e-7a4b-8c5d-00000000ffff' } } }),
      '404 Block not found.',
    ],
  ])('of a template must be valid by themselves: %#', async (template, answer) => {
    const { status, body } = await makePool(template)
    expect(detailOf({ status, body })).toContain(answer)
    await makePool({})
    const updated = await http.patch(`/work_pools/pool${number}`, { base_job_template: template })
    expect(detailOf(updated)).toContain(answer)
  })

  it('without a schema may be anything', async () => {
    const { name } = await makePool({})
    const id = await deploy({ work_pool_name: name, parameters: { n: 1 }, job_variables: wrong })
    expect((await run(id, { job_variables: wrong })).status).toBe(201)
  })
})
