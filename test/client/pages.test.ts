import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Client, createClient } from '#shared/client/create-client.ts'
import { createApi } from '../../functions/api/app.ts'
import { answers, openMisbehavingServer } from '../support/misbehaving-server.ts'
import { openWorld, type World } from '../support/world.ts'

const RUNS = 23

let world: World
let client: Client
/** Requests so far. */
let sent = 0
beforeAll(async () => {
  world = await openWorld()
  const app = createApi(world)
  const fetch = (request: Request) => {
    sent += 1
    return app.fetch(request)
  }
  client = createClient({ url: 'http://app', fetch })
  const flow = await client.createFlow({ name: 'f' })
  for (let n = 0; n < RUNS; n += 1) await client.createFlowRun({ flow_id: flow.id, name: `r${n}` })
})
afterAll(() => world.close())

it('iterates over a whole list, each item once, whatever the page size', async () => {
  for (const limit of [1, 5, RUNS, 200]) {
    const names: string[] = []
    for await (const { name } of client.listFlowRuns.each({ limit })) names.push(name)
    expect(new Set(names).size).toBe(RUNS)
    expect(names).toHaveLength(RUNS)
  }
})

it('iterates over lists with numbered pages', async () => {
  const names: string[] = []
  for await (const { name } of client.paginateFlowRuns.each({ limit: 5 })) names.push(name)
  expect(new Set(names).size).toBe(RUNS)
  expect(names).toHaveLength(RUNS)
})

it('fetches a page when it is needed, and none once the caller stops', async () => {
  sent = 0
  const runs = client.listFlowRuns.each({ limit: 10 })
  expect(sent).toBe(0)
  for await (const { name } of runs) {
    expect(sent).toBe(1)
    if (name.endsWith('7')) break
  }
  expect(sent).toBe(1)
})

it("starts at the given offset, with the list's filters", async () => {
  const rest: string[] = []
  for await (const { name } of client.listFlowRuns.each({ offset: 20, limit: 2 })) rest.push(name)
  expect(rest).toHaveLength(RUNS - 20)
  const found: string[] = []
  for await (const { name } of client.listFlowRuns.each({ flow_runs: { name: { any_: ['r3', 'r4'] } } }))
    found.push(name)
  expect(found.toSorted()).toEqual(['r3', 'r4'])
})

it('misses nothing when pages are shorter than requested', async () => {
  const { url, received } = await openMisbehavingServer(
    answers(200, [{ id: 'a' }, { id: 'b' }]),
    answers(200, [{ id: 'c' }]),
    answers(200, []),
  )
  const ids: string[] = []
  for await (const { id } of createClient({ url }).listFlows.each({ limit: 200 })) ids.push(id)
  expect(ids).toEqual(['a', 'b', 'c'])
  expect(received.map(({ body }) => (JSON.parse(body) as { offset: number }).offset)).toEqual([0, 2, 3])
})

it('throws an error within the loop, and continues past a busy service', async () => {
  const { url } = await openMisbehavingServer(
    answers(200, [{ id: 'a' }]),
    answers(503, { detail: 'Busy.' }),
    answers(200, [{ id: 'b' }]),
    answers(422, { detail: 'Too far.' }),
  )
  const ids: string[] = []
  const all = async () => {
    const flows = createClient({ url, retry: { backoffMs: 1 } }).listFlows.each()
    for await (const { id } of flows) ids.push(id)
  }
  await expect(all()).rejects.toThrow('Too far.')
  expect(ids).toEqual(['a', 'b'])
})
