import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PARAMETERS_BYTES_MAX } from '#shared/bounds.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { createApiHandler } from '../../../../functions/api/handler.ts'
import { api, type Json } from '../../../support/api.ts'
import { NO_DEADLINE } from '../../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../../support/world.ts'

/** Runs with as many parameters as Prefect allows: 512 kB each, while a Lambda response holds 6 MB. */
let world: World
let http: ReturnType<typeof api>
let flowId: string
let runIds: string[]
const RUNS = 12
const large = (n: number) => ({ n, x: 'y'.repeat(PARAMETERS_BYTES_MAX - `{"n":${n},"x":""}`.length) })

async function deploy(pool: string, type: string): Promise<string> {
  await http.post('/work_pools/', { name: pool, type })
  const job_variables = { command: 'true' }
  const body = { name: pool, flow_id: flowId, work_pool_name: pool, job_variables }
  return (await http.post('/deployments/', body)).body.id
}
async function createRuns(deploymentId: string, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let n = 0; n < count; n += 1) {
    const { status, body } = await http.post(`/deployments/${deploymentId}/create_flow_run`, { parameters: large(n) })
    expect(status).toBe(201)
    ids.push(body.id)
  }
  return ids
}

let deploymentId: string
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'large' })).body.id
  deploymentId = await deploy('workers', 'process')
  runIds = await createRuns(deploymentId, RUNS)
})
afterAll(() => world.close())

it('a run is returned unchanged, and goes through its states', async () => {
  const [created = ''] = await createRuns(deploymentId, 1)
  expect((await http.get(`/flow_runs/${created}`)).body.parameters).toEqual(large(0))
  for (const type of ['PENDING', 'RUNNING', 'COMPLETED']) {
    const { body } = await http.post(`/flow_runs/${created}/set_state`, { state: { type } })
    expect(body.status).toBe('ACCEPT')
  }
  const { body } = await http.get(`/flow_runs/${created}`)
  expect(body).toMatchObject({ state_type: 'COMPLETED', parameters: large(0) })
  expect((await http.delete(`/flow_runs/${created}`)).status).toBe(204)
})

it('a push pool launches it', async () => {
  const [runId = ''] = await createRuns(await deploy('push', 'ecs:push'), 1)
  const { body: pool } = await http.get('/work_pools/push')
  expect(await dispatchPool(world, pool.id, NO_DEADLINE)).toMatchObject({ claimed: 1, launched: 1 })
  expect(world.tasks.started.map((request) => request.runId)).toContain(runId)
})

describe('a poll', () => {
  const idsOf = (found: Json[]) => found.map((each) => each.flow_run?.id ?? each.id)
  const polls: [string, () => Promise<{ body: Json }>][] = [
    ['of a pool', () => http.post('/work_pools/workers/get_scheduled_flow_runs', {})],
    [
      'of a queue',
      async () => {
        const { body } = await http.get('/work_pools/workers/queues/default')
        return await http.post(`/work_queues/${body.id}/get_runs`, {})
      },
    ],
  ]
  it.each(polls)('%s returns the first that fit, and the rest once those are claimed', async (_what, poll) => {
    const { body } = await poll()
    expect(idsOf(body)).toEqual(runIds.slice(0, 7))
    expect(body[0].flow_run?.parameters ?? body[0].parameters).toEqual(large(0))
  })

  it('continues after what was claimed', async () => {
    const [first = ''] = runIds
    await http.post(`/flow_runs/${first}/set_state`, { state: { type: 'PENDING' } })
    const { body } = await http.post('/work_pools/workers/get_scheduled_flow_runs', {})
    expect(idsOf(body)).toEqual(runIds.slice(1, 8))
  })

  it('of a process that serves deployments is truncated like any other', async () => {
    const { body: served } = await http.post('/deployments/', { name: 'served', flow_id: flowId })
    const ids = await createRuns(served.id, 9)
    const { body } = await http.post('/deployments/get_scheduled_flow_runs', { deployment_ids: [served.id] })
    expect(idsOf(body)).toEqual(ids.slice(0, 7))
  })
})

describe('a list', () => {
  const filter = { deployments: { id: { any_: [] as string[] } } }
  const list = (rest: Json) => http.post('/flow_runs/filter', { ...filter, ...rest })
  beforeAll(() => {
    filter.deployments.id.any_ = [deploymentId]
  })

  it.each(['EXPECTED_START_TIME_ASC', 'NAME_ASC'])('by %s says how many fit, when more are requested', async (sort) => {
    const { status, body } = await list({ sort })
    expect(status).toBe(422)
    expect(body.detail).toBe('body.limit: these flow runs exceed the 4,000,000 bytes of a response; request at most 7')
  })

  it.each(['EXPECTED_START_TIME_ASC', 'NAME_ASC'])('by %s can be read page by page', async (sort) => {
    const pages: string[] = []
    for (let offset = 0; offset < RUNS; offset += 5) {
      const { status, body } = await list({ sort, offset, limit: 5 })
      expect(status).toBe(200)
      for (const run of body) expect(run.parameters).toEqual(large(run.parameters.n))
      pages.push(...body.map((run: Json) => run.id))
    }
    expect(new Set(pages)).toEqual(new Set(runIds))
    expect(pages).toHaveLength(RUNS)
  })

  it('counts them all', async () => {
    expect((await http.post('/flow_runs/count', filter)).body).toBe(RUNS)
  })
})

describe('a response through Lambda', () => {
  const answer = async (path: string, body: Json) => {
    const requestContext = { http: { method: 'POST' } }
    const event = {
      rawPath: `/api${path}`,
      rawQueryString: '',
      headers: {},
      requestContext,
      body: JSON.stringify(body),
    }
    return await createApiHandler(world)(event as unknown as APIGatewayProxyEventV2)
  }
  /** Lambda's limit. */
  const LAMBDA_BYTES = 6_291_556

  it("is Base64-encoded when large, and within Lambda's limit", async () => {
    const result = await answer('/work_pools/workers/get_scheduled_flow_runs', {})
    expect(result).toMatchObject({ statusCode: 200, isBase64Encoded: true })
    expect(JSON.stringify(result).length).toBeLessThan(LAMBDA_BYTES)
    const runs = JSON.parse(Buffer.from(result.body ?? '', 'base64').toString()) as Json[]
    expect(runs).toHaveLength(7)
  })

  it('is an error when it is too large to send, whatever it contains', async () => {
    const template = { job_configuration: { a: 'x'.repeat(370_000) }, variables: { type: 'object' } }
    for (let n = 0; n < 13; n += 1) {
      await http.post('/work_pools/', { name: `wide-${n}`, type: 'process', base_job_template: template })
    }
    const result = await answer('/work_pools/filter', {})
    expect(result.statusCode).toBe(422)
    expect(JSON.parse(result.body ?? '').detail).toContain('exceeds 4,700,000 bytes')
    expect((await answer('/work_pools/filter', { limit: 10 })).statusCode).toBe(200)
  })
})
