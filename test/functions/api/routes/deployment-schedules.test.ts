import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
let flowId: string
let id: string

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'etl' })).body.id
  id = (await http.post('/deployments/', { name: 'scheduled', flow_id: flowId })).body.id
})
afterAll(() => world.close())

const cron = { cron: '0 6 * * 1-5', timezone: 'Europe/Berlin' }

describe("a deployment's schedules", () => {
  it('are added, listed, updated and removed', async () => {
    const added = await http.post(`/deployments/${id}/schedules`, [
      { schedule: cron },
      { schedule: { interval: 90.5, anchor_date: '2026-01-01 00:00:00+00:00' }, active: false, parameters: { a: 1 } },
      { schedule: { rrule: 'FREQ=DAILY' }, max_scheduled_runs: 5 },
    ])
    expect(added.status).toBe(201)
    expect(added.body.map((each: Json) => each.schedule)).toEqual([
      { cron: '0 6 * * 1-5', timezone: 'Europe/Berlin', day_or: true },
      { interval: 90.5, anchor_date: '2026-01-01T00:00:00.000000Z', timezone: 'UTC' },
      { rrule: 'FREQ=DAILY', timezone: 'UTC' },
    ])
    expect((await http.get(`/deployments/${id}/schedules`)).body).toEqual(added.body)
    const [first, second] = added.body
    expect((await http.patch(`/deployments/${id}/schedules/${first.id}`, { active: false })).status).toBe(204)
    expect((await http.delete(`/deployments/${id}/schedules/${second.id}`)).status).toBe(204)
    const { schedules } = (await http.get(`/deployments/${id}`)).body
    expect(schedules).toMatchObject([{ id: first.id, active: false, schedule: cron }, { max_scheduled_runs: 5 }])
    expect((await http.delete(`/deployments/${id}/schedules/${second.id}`)).status).toBe(404)
  })

  it.each([
    ['no rule', {}],
    ['two rules', { cron: '* * * * *', interval: 60 }],
    ['an interval of nothing', { interval: 0 }],
    ['a place that is no time zone', { cron: '* * * * *', timezone: 'Europe/Atlantis' }],
    ['a day that does not exist', { interval: 60, anchor_date: '2026-02-30' }],
    ['nothing at all', null],
  ])('are rejected with %s', async (_, schedule) => {
    const { status, body } = await http.post(`/deployments/${id}/schedules`, [{ schedule }])
    expect(status).toBe(422)
    expect(body.exception_detail[0].loc.slice(0, 3)).toEqual(['body', 0, 'schedule'])
  })

  it('keep their ids when the same deployment is created again', async () => {
    const make = async () => {
      const body = { name: 'remade', flow_id: flowId, schedules: [{ schedule: cron }] }
      return (await http.post('/deployments/', body)).body.schedules.map((each: Json) => each.id)
    }
    expect(await make()).toEqual(await make())
  })

  it('pause and resume', async () => {
    const paused = async () => (await http.get(`/deployments/${id}`)).body.paused
    for (const [route, expected] of [
      ['pause_deployment', true],
      ['resume_deployment', false],
      ['set_schedule_inactive', true],
      ['set_schedule_active', false],
    ] as const) {
      expect(await http.post(`/deployments/${id}/${route}`)).toMatchObject({ status: 200, body: null })
      expect(await paused()).toBe(expected)
    }
    expect((await http.post('/deployments/00000000-0000-0000-0000-000000000000/pause_deployment')).status).toBe(404)
  })
})
