import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

const NOWHERE = '00000000-0000-0000-0000-000000000000'
const V2 = '/v2/concurrency_limits'
let world: World
let http: ReturnType<typeof api>
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
})
afterAll(() => world.close())

const create = async (name: string, limit: number, more: Json = {}) =>
  (await http.post(`${V2}/`, { name, limit, ...more })).body
const read = async (name: string) => (await http.get(`${V2}/${name}`)).body
const take = (names: string | string[], slots = 1, more: Json = {}) =>
  http.post(`${V2}/increment-with-lease`, { names: [names].flat(), slots, ...more })
const giveBack = (lease_id: string) => http.post(`${V2}/decrement-with-lease`, { lease_id })

describe('a global limit', () => {
  it('is created once by name, and read by name and by id', async () => {
    const created = await http.post(`${V2}/`, { name: 'db', limit: 2 })
    expect(created).toMatchObject({ status: 201, body: { name: 'db', limit: 2, active: true, active_slots: 0 } })
    expect((await http.post(`${V2}/`, { name: 'db', limit: 3 })).status).toBe(409)
    expect(await read(created.body.id)).toEqual(await read('db'))
    await create('a first', 1)
    const listed = (await http.post(`${V2}/filter`)).body.map(({ name }: Json) => name)
    expect(listed).toEqual(['a first', 'db'])
    expect((await http.post(`${V2}/filter`, { offset: 1, limit: 5 })).body).toHaveLength(1)
  })

  it('can be updated, except for its name, and deleted', async () => {
    await create('changing', 1)
    expect((await http.patch(`${V2}/changing`, { limit: 5, slot_decay_per_second: 0.5 })).status).toBe(204)
    expect(await read('changing')).toMatchObject({ limit: 5, slot_decay_per_second: 0.5, active: true })
    await http.patch(`${V2}/changing`, { active: false })
    expect(await read('changing')).toMatchObject({ limit: 5, active: false })
    expect((await http.patch(`${V2}/changing`, { name: 'other' })).status).toBe(422)
    expect((await http.delete(`${V2}/changing`)).status).toBe(204)
    for (const send of [http.get, http.delete]) expect((await send(`${V2}/changing`)).status).toBe(404)
    expect((await http.patch(`${V2}/changing`, {})).status).toBe(404)
  })
})

describe('slots under a lease', () => {
  it('are acquired up to the limit, and again once released', async () => {
    await create('two', 2)
    const [first, second] = [(await take('two')).body, (await take('two')).body]
    expect(first.limits).toMatchObject([{ name: 'two', limit: 2 }])
    const third = await take('two')
    expect(third.status).toBe(423)
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0)
    for (let again = 0; again < 2; again += 1) expect((await giveBack(first.lease_id)).status).toBe(204)
    expect((await read('two')).active_slots).toBe(1)
    expect((await take('two')).status).toBe(200)
    expect((await take('two')).status).toBe(423)
    await giveBack(second.lease_id)
    expect((await read('two')).active_slots).toBe(1)
  })

  it('are acquired from all limits or none; names without a limit are ignored', async () => {
    await create('wide', 5)
    await create('narrow', 1)
    expect((await take(['wide', 'narrow', 'unheard of'])).body.limits).toHaveLength(2)
    expect((await take(['wide', 'narrow'])).status).toBe(423)
    expect([(await read('wide')).active_slots, (await read('narrow')).active_slots]).toEqual([1, 1])
    expect((await take('unheard of')).body).toEqual({ lease_id: expect.any(String), limits: [] })
  })

  it('are rejected where they can never be acquired', async () => {
    await create('small', 2)
    await create('none', 0)
    for (const name of ['small', 'none']) {
      const { status, body } = await take(name, 3)
      expect([status, body.detail]).toEqual([422, 'Slots requested is greater than the limit'])
    }
    expect((await take('small', 1, { mode: 'rate_limit' })).body.detail).toContain("'small'")
    expect((await take('small', 1, { lease_duration: 59 })).status).toBe(422)
  })

  it('do not count while the limit is inactive', async () => {
    await create('off', 1, { active: false })
    const leases = [(await take('off')).body, (await take('off')).body]
    expect((await read('off')).active_slots).toBe(0)
    for (const { lease_id } of leases) {
      expect((await http.post(`${V2}/leases/${lease_id}/renew`)).status).toBe(204)
      await giveBack(lease_id)
    }
    expect((await read('off')).active_slots).toBe(0)
  })

  it('are released when the lease expires, unless it was renewed', async () => {
    await create('leased', 2)
    const [kept, lost] = [(await take('leased', 1, { lease_duration: 60 })).body, (await take('leased')).body]
    world.clock.pass(50)
    expect((await http.post(`${V2}/leases/${kept.lease_id}/renew`, { lease_duration: 600 })).status).toBe(204)
    world.clock.pass(260)
    expect(await sweep(world)).toMatchObject({ leasesExpired: expect.any(Number), failures: 0 })
    expect((await read('leased')).active_slots).toBe(1)
    expect((await http.post(`${V2}/leases/${lost.lease_id}/renew`)).status).toBe(410)
    expect((await http.post(`${V2}/leases/${kept.lease_id}/renew`)).status).toBe(204)
  })

  it('of a deleted limit are not released to one created again', async () => {
    await create('reborn', 1)
    const old = (await take('reborn')).body
    await http.delete(`${V2}/reborn`)
    await create('reborn', 1)
    expect((await take('reborn')).status).toBe(200)
    await giveBack(old.lease_id)
    expect((await read('reborn')).active_slots).toBe(1)
  })

  it('stay held when the limit drops below them, and can be reset by an operator', async () => {
    await create('lowered', 3)
    const leases = [(await take('lowered', 2)).body, (await take('lowered')).body]
    await http.patch(`${V2}/lowered`, { limit: 2 })
    await giveBack(leases[1].lease_id)
    expect((await take('lowered')).status).toBe(423)
    expect((await http.patch(`${V2}/lowered`, { active_slots: 1 })).status).toBe(422)
    expect((await http.patch(`${V2}/lowered`, { active_slots: 0 })).status).toBe(204)
    expect((await read('lowered')).active_slots).toBe(0)
    await giveBack(leases[0].lease_id)
    expect((await read('lowered')).active_slots).toBe(0)
  })
})

describe('slots without a lease', () => {
  const names = ['loose']
  it('are counted, and released by number, but never those of leases', async () => {
    await create('loose', 3)
    await take('loose')
    expect((await http.post(`${V2}/increment`, { names, slots: 2 })).body).toMatchObject([{ name: 'loose', limit: 3 }])
    expect((await http.post(`${V2}/increment`, { names, slots: 1 })).status).toBe(423)
    for (let again = 0; again < 3; again += 1) {
      const { body } = await http.post(`${V2}/decrement`, { names, slots: 1, occupancy_seconds: 1 })
      expect(body).toMatchObject([{ name: 'loose' }])
    }
    expect((await read('loose')).active_slots).toBe(1)
  })

  it('can be reset by an operator, together with those of leases', async () => {
    await create('reset', 3)
    const { lease_id } = (await take('reset')).body
    await http.post(`${V2}/increment`, { names: ['reset'], slots: 2 })
    await http.patch(`${V2}/reset`, { active_slots: 0 })
    expect((await read('reset')).active_slots).toBe(0)
    await giveBack(lease_id)
    await http.post(`${V2}/decrement`, { names: ['reset'], slots: 2 })
    expect((await take('reset', 3)).status).toBe(200)
    expect((await take('reset')).status).toBe(423)
  })
})

describe('a rate limit', () => {
  const draw = (slots = 1) => http.post(`${V2}/increment`, { names: ['rate'], slots, mode: 'rate_limit' })
  it('allows a burst up to the limit, and then as much as decays', async () => {
    await create('rate', 4, { slot_decay_per_second: 0.5 })
    expect((await draw(4)).status).toBe(200)
    const refused = await draw()
    expect(refused.status).toBe(423)
    expect(Number(refused.headers.get('retry-after'))).toBeCloseTo(2, 0)
    world.clock.pass(1.9)
    expect((await draw()).status).toBe(423)
    world.clock.pass(0.2)
    expect((await draw()).status).toBe(200)
    expect((await draw()).status).toBe(423)
    expect((await read('rate')).active_slots).toBe(4)
    world.clock.pass(100)
    expect((await read('rate')).active_slots).toBe(0)
  })

  it('that stops decaying counts only what leases hold', async () => {
    await create('was a rate', 4, { slot_decay_per_second: 0.3 })
    const { lease_id } = (await take('was a rate', 2)).body
    await http.post(`${V2}/increment`, { names: ['was a rate'], slots: 2 })
    world.clock.pass(8)
    await http.patch(`${V2}/was a rate`, { slot_decay_per_second: 0 })
    expect((await read('was a rate')).active_slots).toBe(2)
    await giveBack(lease_id)
    expect((await take('was a rate', 4)).status).toBe(200)
  })
})

describe('limits on tags', () => {
  const V1 = '/concurrency_limits'
  const tagged = async (tag: string) => (await http.get(`${V1}/tag/${tag}`)).body
  it('are set, read, listed and deleted', async () => {
    const created = await http.post(`${V1}/`, { tag: 'gpu', concurrency_limit: 2 })
    expect(created).toMatchObject({ status: 201, body: { tag: 'gpu', concurrency_limit: 2, active_slots: [] } })
    expect(await http.post(`${V1}/`, { tag: 'gpu', concurrency_limit: 1 })).toMatchObject({
      status: 200,
      body: { id: created.body.id, concurrency_limit: 1 },
    })
    expect((await http.get(`${V1}/${created.body.id}`)).body).toEqual(await tagged('gpu'))
    expect((await http.post(`${V1}/filter`)).body).toMatchObject([{ tag: 'gpu' }])
    expect(await read('tag:gpu')).toMatchObject({ name: 'tag:gpu', limit: 1 })
    expect((await http.get(`${V1}/${(await read('db')).id}`)).status).toBe(404)
    await http.post(`${V1}/`, { tag: 'tpu', concurrency_limit: 2 })
    expect((await http.delete(`${V1}/tag/tpu`)).status).toBe(200)
    expect((await http.delete(`${V1}/tag/tpu`)).status).toBe(404)
    expect((await http.delete(`${V1}/${NOWHERE}`)).status).toBe(404)
  })

  it('are held by task runs, each once, until they are released or reset', async () => {
    await http.post(`${V1}/`, { tag: 'cpu', concurrency_limit: 2 })
    const [a, b, c] = [world.ids.uuid(), world.ids.uuid(), world.ids.uuid()]
    const draw = (id: string) => http.post(`${V1}/increment`, { names: ['cpu', 'other'], task_run_id: id })
    for (const id of [a, a, b]) expect((await draw(id)).body).toMatchObject([{ name: 'cpu', limit: 2 }])
    expect((await draw(c)).status).toBe(423)
    expect((await tagged('cpu')).active_slots.toSorted()).toEqual([a, b].toSorted())
    await http.post(`${V1}/decrement`, { names: ['cpu'], task_run_id: a, occupancy_seconds: 1 })
    expect((await tagged('cpu')).active_slots).toEqual([b])
    await draw(c)
    expect((await http.post(`${V1}/tag/cpu/reset`, { slot_override: [c] })).status).toBe(200)
    expect((await tagged('cpu')).active_slots).toEqual([c])
    expect((await read('tag:cpu')).active_slots).toBe(1)
    expect((await http.post(`${V1}/tag/unheard/reset`, {})).status).toBe(404)
  })

  it('of no slots fail a task run instead of making it wait', async () => {
    await http.post(`${V1}/`, { tag: 'closed', concurrency_limit: 0 })
    const refused = await http.post(`${V1}/increment`, { names: ['closed'], task_run_id: NOWHERE })
    expect(refused.status).toBe(423)
    expect(refused.body.detail).toContain('will deadlock')
    expect(refused.headers.get('retry-after')).toBeNull()
  })
})
