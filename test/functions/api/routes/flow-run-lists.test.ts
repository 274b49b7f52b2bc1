import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWorkPool } from '#shared/engine/work-pool/create-work-pool.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
/** Ids of the runs, by name. */
const ids: Record<string, string> = {}
let deploymentA: string
let deploymentB: string

/** Ten runs, a minute apart: even ones of deployment A, odd ones of B; r0 to r3 have moved on. */
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  await createWorkPool(world, { name: 'pull', type: 'process' })
  await createWorkPool(world, { name: 'other', type: 'process' })
  const flowId = (await http.post('/flows/', { name: 'etl', tags: ['t'] })).body.id
  const deploy = async (body: Json) => (await http.post('/deployments/', { flow_id: flowId, ...body })).body.id
  deploymentA = await deploy({ name: 'a', work_pool_name: 'pull', concurrency_limit: 50 })
  deploymentB = await deploy({ name: 'b', work_pool_name: 'other', work_queue_name: 'q', tags: ['b'] })
  const start = world.clock.now()
  for (let n = 0; n < 10; n += 1) {
    const scheduled_time = new Date(start / 1000 + n * 60_000).toISOString()
    const state = { type: 'SCHEDULED', state_details: { scheduled_time } }
    const body = { name: `r${n}`, state, tags: n < 5 ? ['low'] : [] }
    const path = `/deployments/${n % 2 === 0 ? deploymentA : deploymentB}/create_flow_run`
    ids[`r${n}`] = (await http.post(path, body)).body.id
  }
  await move('r0', 'PENDING', 'RUNNING', 'COMPLETED')
  await move('r1', 'PENDING', 'RUNNING', 'FAILED')
  await move('r2', 'PENDING', 'RUNNING')
  await move('r3', 'PENDING')
})
afterAll(() => world.close())

async function move(name: string, ...types: string[]) {
  for (const type of types) await http.post(`/flow_runs/${ids[name]}/set_state`, { state: { type }, force: true })
}
const names = async (body: Json) => (await http.post('/flow_runs/filter', body)).body.map((each: Json) => each.name)
const run = (filter: Json) => ({ flow_runs: filter })
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `r${from + n}`)

describe('listing runs', () => {
  it('lists the latest start first, page by page', async () => {
    expect(await names({})).toEqual(range(0, 10).toReversed())
    expect(await names({ limit: 3 })).toEqual(['r9', 'r8', 'r7'])
    expect(await names({ limit: 3, offset: 3, sort: null })).toEqual(['r6', 'r5', 'r4'])
    expect(await names({ limit: 0 })).toEqual([])
    expect(await names({ offset: 100 })).toEqual([])
  })

  it('sorts as requested', async () => {
    const low = { tags: { all_: ['low'] } }
    expect(await names({ ...run(low), sort: 'EXPECTED_START_TIME_ASC' })).toEqual(range(0, 5))
    expect(await names({ ...run(low), sort: 'NAME_DESC', limit: 2 })).toEqual(['r4', 'r3'])
    expect(await names({ ...run(low), sort: 'NAME_ASC', limit: 2, offset: 1 })).toEqual(['r1', 'r2'])
    expect(await names({ ...run(low), sort: 'END_TIME_DESC', limit: 2 })).toEqual(['r1', 'r0'])
    expect(await names({ ...run(low), sort: 'START_TIME_ASC', limit: 1 })).toEqual(['r0'])
    const next = await names({ sort: 'NEXT_SCHEDULED_START_TIME_ASC' })
    expect(next.slice(0, 6)).toEqual(range(4, 10))
    const byId = (await http.post('/flow_runs/filter', { sort: 'ID_DESC' })).body.map((each: Json) => each.id)
    expect(byId).toEqual(Object.values(ids).toSorted().toReversed())
    expect((await http.post('/flow_runs/filter', { sort: 'RANDOM' })).status).toBe(422)
  })

  it('finds runs by id, none for an empty list, all for an empty exclusion', async () => {
    expect(await names(run({ id: { any_: [ids.r5, ids.r7] } }))).toEqual(['r7', 'r5'])
    expect(await names(run({ id: { any_: [] } }))).toEqual([])
    expect(await names(run({ id: { not_any_: [] } }))).toHaveLength(10)
    expect(await names(run({ id: { any_: [ids.r5, ids.r7], not_any_: [ids.r5] } }))).toEqual(['r7'])
    expect(
      await names({ flow_runs: null, flows: null, task_runs: null, deployments: null, offset: null }),
    ).toHaveLength(10)
  })

  it('finds runs by state, whichever index that takes', async () => {
    expect(await names(run({ state: { type: { any_: ['RUNNING', 'PENDING'] } } }))).toEqual(['r3', 'r2'])
    expect(await names(run({ state: { type: { any_: ['SCHEDULED'] } } }))).toEqual(range(4, 10).toReversed())
    expect(await names(run({ state: { type: { any_: ['COMPLETED', 'RUNNING'] } } }))).toEqual(['r2', 'r0'])
    expect(await names(run({ state: { type: { not_any_: ['SCHEDULED', 'PENDING'] } } }))).toEqual(['r2', 'r1', 'r0'])
    const ended = run({ state: { type: { any_: ['COMPLETED', 'FAILED'] } } })
    expect(await names(ended)).toEqual(['r1', 'r0'])
    expect(await names({ ...ended, limit: 1, offset: 1 })).toEqual(['r0'])
    expect(await names({ ...ended, sort: 'EXPECTED_START_TIME_ASC' })).toEqual(['r0', 'r1'])
    const either = { operator: 'or_', type: { any_: ['FAILED'] }, name: { any_: ['Pending'] } }
    expect(await names(run({ state: either }))).toEqual(['r3', 'r1'])
    expect(await names(run({ state: { type: { any_: ['PAUSED'] } } }))).toEqual([])
  })

  it("returns the runs that Prefect's polls for cancellation look for", async () => {
    await move('r3', 'CANCELLING')
    const cancelling = { state: { type: { any_: ['CANCELLING'] } } }
    expect(await names(run({ ...cancelling, id: { any_: Object.values(ids) } }))).toEqual(['r3'])
    expect(await names(run({ ...cancelling, id: { any_: [] } }))).toEqual([])
    const before28 = run({ state: { type: { any_: ['CANCELLED'] }, name: { any_: ['Cancelling'] } } })
    expect(await names(before28)).toEqual([])
    const agent = { work_pools: { name: { any_: ['other'] } }, work_pool_queues: { name: { any_: ['q'] } } }
    expect(await names({ ...run({ ...cancelling, id: { not_any_: [] } }), ...agent })).toEqual(['r3'])
    expect(await names({ ...run(cancelling), work_pools: { name: { any_: ['pull'] } } })).toEqual([])
  })

  it('finds runs by what they belong to', async () => {
    const even = range(0, 10).filter((_, n) => n % 2 === 0)
    expect(await names({ deployments: { id: { any_: [deploymentA] } } })).toEqual(even.toReversed())
    expect(await names({ ...run({ deployment_id: { any_: [deploymentA, deploymentB] } }), limit: 4 })).toEqual(
      range(6, 10).toReversed(),
    )
    const both = { deployments: { id: { any_: [deploymentA] } }, ...run({ deployment_id: { any_: [deploymentB] } }) }
    expect(await names(both)).toEqual([])
    expect(await names({ deployments: { tags: { any_: ['b'] } }, sort: 'NAME_ASC', limit: 2 })).toEqual(['r1', 'r3'])
    expect(await names({ flows: { name: { any_: ['etl'] } } })).toHaveLength(10)
    expect(await names({ flows: { name: { any_: ['other'] } } })).toEqual([])
    expect(await names({ work_pools: { name: { any_: ['pull'] } } })).toEqual(even.toReversed())
    expect(await names({ ...run({ work_queue_name: { any_: ['q'] } }), limit: 1 })).toEqual(['r9'])
  })

  it('finds runs by their expected start', async () => {
    const { body } = await http.get(`/flow_runs/${ids.r6}`)
    const at = body.expected_start_time
    expect(await names(run({ expected_start_time: { after_: at, before_: at } }))).toEqual(['r6'])
    expect(await names(run({ next_scheduled_start_time: { before_: at } }))).toEqual(['r6', 'r5', 'r4'])
    const inA = { deployments: { id: { any_: [deploymentA] } } }
    expect(await names({ ...inA, ...run({ expected_start_time: { after_: at } }) })).toEqual(['r8', 'r6'])
  })

  it('rejects an unknown filter rather than ignoring it', async () => {
    for (const filter of [{ colour: { any_: ['red'] } }, { state: { mood: 'gay' } }, { id: { like_: 'x' } }]) {
      const { status, body } = await http.post('/flow_runs/filter', run(filter))
      expect(status).toBe(422)
      expect(body.detail).toMatch(/^body\.flow_runs\.(colour|state\.mood|id\.like_): /)
    }
    const newer = { colour: null, id: { any_: [ids.r5], like_: null } }
    expect(await names(run(newer))).toEqual(['r5'])
    expect(await names({ ...run({ id: { any_: [ids.r5] } }), deployments: { colour: null } })).toEqual(['r5'])
  })

  it('finds runs that match either member of an or_ filter', async () => {
    const filter = { operator: 'or_', id: { any_: [ids.r5] }, state: { type: { any_: ['FAILED'] } } }
    expect(await names(run(filter))).toEqual(['r5', 'r1'])
  })

  it('rejects filters by task runs that it cannot apply', async () => {
    expect((await http.post('/flow_runs/filter', { task_runs: { operator: 'and_', id: null } })).status).toBe(200)
    expect(
      (await http.post('/flow_runs/filter', { task_runs: { state: { type: { any_: ['FAILED'] } } } })).status,
    ).toBe(422)
  })

  it('counts and paginates', async () => {
    const filter = run({ tags: { all_: ['low'] } })
    expect((await http.post('/flow_runs/count', filter)).body).toBe(5)
    expect((await http.post('/flow_runs/count', {})).body).toBe(10)
    const { body } = await http.post('/flow_runs/paginate', { ...filter, limit: 2, page: 3, sort: 'NAME_ASC' })
    expect(body).toMatchObject({ count: 5, pages: 3, page: 3, limit: 2, results: [{ name: 'r4' }] })
  })

  it('finds flows and deployments by their runs', async () => {
    const failed = { flow_runs: { state: { type: { any_: ['FAILED'] } } } }
    const deployments = (await http.post('/deployments/filter', failed)).body
    expect(deployments.map((each: Json) => each.id)).toEqual([deploymentB])
    expect((await http.post('/flows/filter', failed)).body).toHaveLength(1)
    expect((await http.post('/flows/count', { flow_runs: { name: { any_: ['no such'] } } })).body).toBe(0)
  })
})

describe('a run that waits past its time', () => {
  it('is Late in replies and in filters', async () => {
    expect(await names(run({ state: { name: { any_: ['Late'] } } }))).toEqual([])
    world.clock.pass(60 * 5 + 14)
    expect(await names(run({ state: { name: { any_: ['Late'] } } }))).toEqual(['r4'])
    world.clock.pass(2)
    expect(await names(run({ state: { name: { any_: ['Late'] } } }))).toEqual(['r5', 'r4'])
    const { body } = await http.get(`/flow_runs/${ids.r4}`)
    expect(body).toMatchObject({ state_type: 'SCHEDULED', state_name: 'Late', state: { name: 'Late' } })
    expect(body.estimated_start_time_delta).toBeGreaterThan(60)
    expect(await names(run({ state: { name: { any_: ['Scheduled'] } } }))).toEqual(range(6, 10).toReversed())
  })
})
