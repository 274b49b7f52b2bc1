import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import { api, type Json } from '../../../support/api.ts'
import { readLimit } from '../../../support/fixtures/fixtures.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
let flowId: string

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'etl' })).body.id
  await createWorkPool(world, { name: 'push', type: 'ecs:push' })
  await createWorkPool(world, { name: 'pull', type: 'process' })
})
afterAll(() => world.close())

let number = 0
async function deploy(body: Json = {}) {
  number += 1
  return await http.post('/deployments/', { name: `deployment ${number}`, flow_id: flowId, ...body })
}
const read = async (id: string) => (await http.get(`/deployments/${id}`)).body

describe('saving a deployment', () => {
  it('creates it once per flow and name, and keeps what a second save omits', async () => {
    const first = await deploy({ name: 'nightly', version: '1', tags: ['a'], parameters: { x: 1 } })
    expect(first.status).toBe(201)
    const second = await deploy({ name: 'nightly', version: '2' })
    expect(second.status).toBe(200)
    expect(second.body).toMatchObject({ id: first.body.id, version: '2', tags: ['a'], parameters: { x: 1 } })
    expect(second.body.created).toBe(first.body.created)
    expect(second.body.updated > first.body.updated).toBe(true)
  })

  it('makes it available by the names of flow and deployment', async () => {
    const { body } = await deploy({ name: 'by name' })
    expect((await http.get('/deployments/name/etl/by%20name')).body.id).toBe(body.id)
    expect((await http.get('/deployments/name/etl/other')).status).toBe(404)
    expect((await http.get('/deployments/name/other/by%20name')).status).toBe(404)
  })

  it('assigns it to the default queue of a pool named alone', async () => {
    const { body } = await deploy({ work_pool_name: 'push' })
    expect(body).toMatchObject({ work_pool_name: 'push', work_queue_name: 'default', status: 'READY' })
  })

  it('creates the queue that it names', async () => {
    const { body } = await deploy({ work_pool_name: 'pull', work_queue_name: 'fresh' })
    const queue = await http.get('/work_pools/pull/queues/fresh')
    expect(body).toMatchObject({ work_queue_id: queue.body.id, work_queue_name: 'fresh', status: 'NOT_READY' })
  })

  it('assigns it to the agent pool when it names only a queue', async () => {
    const { body } = await deploy({ work_queue_name: 'agents' })
    expect(body).toMatchObject({ work_pool_name: 'default-agent-pool', work_queue_name: 'agents' })
  })

  it('keeps its pool when only the queue changes, and removes it for null', async () => {
    const { body } = await deploy({ work_pool_name: 'pull' })
    expect((await http.patch(`/deployments/${body.id}`, { work_queue_name: 'fast' })).status).toBe(204)
    expect(await read(body.id)).toMatchObject({ work_pool_name: 'pull', work_queue_name: 'fast' })
    await http.patch(`/deployments/${body.id}`, { work_pool_name: null })
    expect(await read(body.id)).toMatchObject({ work_pool_name: null, work_queue_id: null })
  })

  it('rejects references to what does not exist, and writes nothing', async () => {
    const noPool = await deploy({ work_pool_name: 'nowhere', work_queue_name: 'q', name: 'lost' })
    expect(noPool).toMatchObject({ status: 404, body: { detail: "Work pool 'nowhere' not found." } })
    const noFlow = await deploy({ flow_id: '00000000-0000-0000-0000-000000000000', name: 'lost' })
    expect(noFlow.status).toBe(404)
    expect((await http.get('/deployments/name/etl/lost')).status).toBe(404)
    expect((await http.patch('/deployments/00000000-0000-0000-0000-000000000000', {})).status).toBe(404)
  })

  it("accepts Prefect 2's field names", async () => {
    const { body } = await deploy({
      infra_overrides: { cpu: 256 },
      is_schedule_active: false,
      schedule: { interval: 3600 },
      manifest_path: 'x.json',
    })
    expect(body).toMatchObject({ job_variables: { cpu: 256 }, paused: true })
    expect(body.schedules).toMatchObject([{ active: true, schedule: { interval: 3600, timezone: 'UTC' } }])
  })

  it('rejects a shared limit rather than ignoring it', async () => {
    const { status, body } = await deploy({ global_concurrency_limit_id: flowId })
    expect(status).toBe(422)
    expect(body.exception_detail[0].loc).toEqual(['body', 'global_concurrency_limit_id'])
  })
})

describe('job variables', () => {
  const bad: [string, Json, string][] = [
    ['command', { command: { a: 1 } }, 'job_variables.command'],
    ['image', { image: 5 }, 'job_variables.image'],
    ['env', { env: ['A=1'] }, 'job_variables.env'],
    ['cpu', { cpu: -1 }, 'job_variables.cpu'],
    ['memory', { memory: 'much' }, 'job_variables.memory'],
    ['timeout', { timeout_seconds: 0 }, 'job_variables.timeout_seconds'],
    ['role', { task_role_arn: 'arn:aws:iam::1:role/admin' }, 'job_variables.task_role_arn'],
    ['size', { command: ['x'.repeat(9000)] }, 'job_variables.command'],
    ['secret', { env: { KEY: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1'.slice(0, 40) } }, 'job_variables.env.KEY'],
  ]
  it.each(bad)('of a push pool are rejected when unusable: %s', async (_, variables, field) => {
    const { status, body } = await deploy({ work_pool_name: 'push', job_variables: variables })
    expect(status).toBe(422)
    expect(body.detail).toContain(field)
  })

  it('of other pools are left to their workers, except for secrets', async () => {
    const kubernetes = { cpu: '500m', memory: '1Gi' }
    expect((await deploy({ work_pool_name: 'pull', job_variables: kubernetes })).status).toBe(201)
    const secret = { env: { AWS_SECRET_ACCESS_KEY: 'x' } }
    expect((await deploy({ work_pool_name: 'pull', job_variables: secret })).status).toBe(422)
  })

  it('are checked when they change, and when the pool does', async () => {
    const { body } = await deploy({ work_pool_name: 'pull', job_variables: { cpu: '500m' } })
    expect((await http.patch(`/deployments/${body.id}`, { work_pool_name: 'push' })).status).toBe(422)
    expect(await read(body.id)).toMatchObject({ work_pool_name: 'pull' })
  })
})

describe("a deployment's concurrency limit", () => {
  it('is written with a new deployment, and is exact from the start', async () => {
    const options = { collision_strategy: 'CANCEL_NEW', grace_period_seconds: 120 }
    const { body } = await deploy({ concurrency_limit: 3, concurrency_options: options })
    expect(body.concurrency_limit).toBe(null)
    expect(body.global_concurrency_limit).toMatchObject({ limit: 3, active: true, active_slots: 0 })
    expect(body.concurrency_options).toEqual(options)
    expect(await readLimit(world, deploymentLimit(body.id))).toMatchObject({ limit: 3, available: 3, paused: false })
  })

  it('is changed, cleared and set again', async () => {
    const { body } = await deploy({ concurrency_limit: 3 })
    await http.patch(`/deployments/${body.id}`, { concurrency_limit: 1 })
    expect((await read(body.id)).global_concurrency_limit).toMatchObject({ limit: 1 })
    await http.patch(`/deployments/${body.id}`, { concurrency_limit: null, concurrency_options: null })
    expect(await read(body.id)).toMatchObject({ global_concurrency_limit: null, concurrency_options: null })
    await http.patch(`/deployments/${body.id}`, { description: 'same limit' })
    expect((await read(body.id)).global_concurrency_limit).toBe(null)
    await http.patch(`/deployments/${body.id}`, { concurrency_limit: 2 })
    expect(await readLimit(world, deploymentLimit(body.id))).toMatchObject({ limit: 2, paused: false })
  })

  it('starts closed on a deployment in use, until its holders are counted', async () => {
    const { body } = await deploy({})
    await http.patch(`/deployments/${body.id}`, { concurrency_limit: 2 })
    expect(await readLimit(world, deploymentLimit(body.id))).toMatchObject({ limit: 2, paused: true })
  })

  it('keeps its count when the deployment is deleted and created again', async () => {
    const first = await deploy({ name: 'again', concurrency_limit: 3 })
    await http.delete(`/deployments/${first.body.id}`)
    const second = await deploy({ name: 'again', concurrency_limit: 5 })
    expect(second).toMatchObject({ status: 201, body: { id: first.body.id, global_concurrency_limit: { limit: 5 } } })
    expect(await readLimit(world, deploymentLimit(first.body.id))).toMatchObject({ limit: 5, available: 5 })
  })
})

describe('lists', () => {
  it('filter, sort and page', async () => {
    const tags = ['listed']
    await deploy({ name: 'list b', tags, paused: true, work_pool_name: 'pull', work_queue_name: 'listed' })
    await deploy({ name: 'list a', tags })
    const names = async (body: Json) =>
      (await http.post('/deployments/filter', body)).body.map((each: Json) => each.name)
    const deployments = { tags: { all_: tags } }
    expect(await names({ deployments })).toEqual(['list a', 'list b'])
    expect(await names({ deployments, sort: 'NAME_DESC', limit: 1 })).toEqual(['list b'])
    expect(await names({ deployments, offset: 1 })).toEqual(['list b'])
    expect(await names({ deployments: { ...deployments, paused: { eq_: true } } })).toEqual(['list b'])
    expect(await names({ deployments: { ...deployments, is_schedule_active: { eq_: false } } })).toEqual(['list b'])
    expect(await names({ deployments, work_pools: { name: { any_: ['pull'] } } })).toEqual(['list b'])
    expect(await names({ deployments, work_pool_queues: { name: { startswith_: ['LIST'] } } })).toEqual(['list b'])
    expect(await names({ deployments, flows: { name: { any_: ['other'] } } })).toEqual([])
    expect(await names({ deployments: { flow_or_deployment_name: { like_: 'LIST B' } } })).toEqual(['list b'])
    expect((await http.post('/deployments/count', { deployments })).body).toBe(2)
    const page = await http.post('/deployments/paginate', { deployments, limit: 1, page: 2 })
    expect(page.body).toMatchObject({ count: 2, pages: 2, page: 2, limit: 1, results: [{ name: 'list b' }] })
  })

  it('reject an oversized page with the message that clients look for', async () => {
    const { status, body } = await http.post('/deployments/filter', { limit: 201 })
    expect(status).toBe(422)
    expect(JSON.stringify(body)).toContain('Invalid limit: must be less than or equal to 200.')
  })
})
