import { afterAll, beforeAll, expect, it } from 'vitest'
import { OPERATIONS, pathOf } from '../../../shared/contract/endpoints.ts'
import { api, type RequestOptions } from '../../support/api.ts'
import { withInterceptor } from '../../support/faulty-calls.ts'
import { goodBodies, goodParams, setStage, type Stage } from '../../support/good-requests.ts'
import { HOSTILE_BODIES, HOSTILE_SEGMENTS, HOSTILE_VALUES } from '../../support/hostile-values.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
let stage: Stage
/** Writes that went through since the last request. */
let writes = 0
beforeAll(async () => {
  world = await openWorld()
  const watched = withInterceptor(world, async ({ name }, go) => {
    const result = await go()
    // A plain DeleteItem is left out: of what is not there, it is no write.
    if (/Put|Update|Write/.test(name)) writes += 1
    return result
  })
  http = api(watched)
  stage = await setStage(world, http)
})
afterAll(() => world.close())

/** Sends a request that may be refused but must never break: no 5xx, and nothing written unless it succeeds. */
async function send(method: string, path: string, body: unknown, options: RequestOptions = {}) {
  writes = 0
  const reply = await http.send(method, path, body, options)
  const told = `${method} ${path} ${(options.rawBody ?? JSON.stringify(body) ?? '').slice(0, 400)}`
  const cause = reply.status >= 500 ? JSON.stringify(world.logged.at(-1)) : ''
  expect.soft(reply.status, `${told} ${cause}`).toBeLessThan(500)
  if (reply.status >= 400) expect.soft(writes, told).toBe(0)
  expect(Object.prototype, told).not.toHaveProperty('polluted')
  return reply
}

const named = OPERATIONS.map(({ name, endpoint }) => ({ name, ...endpoint }))
const withBody = named.filter((each) => each.body !== undefined)
const isDelete = (each: { method: string }) => each.method === 'DELETE'

/** 1 tries every hostile value in every place of every request. */
const STRIDE = Number(process.env.PUSHPOOL_HOSTILE_STRIDE ?? 4)

/** Every place in a piece of JSON, as a path of keys; the whole comes first. */
function placesIn(value: unknown): string[][] {
  if (value === null || typeof value !== 'object') return [[]]
  return [[], ...Object.entries(value).flatMap(([key, each]) => placesIn(each).map((rest) => [key, ...rest]))]
}

function replaced(value: unknown, [key, ...rest]: string[], by: unknown): unknown {
  if (key === undefined) return by
  const inner = replaced((value as Record<string, unknown>)[key], rest, by)
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...(value as object), [key]: inner }
}

it.each(withBody)('$name takes a good request', async ({ name, method, path }) => {
  const body = goodBodies(stage)[name] ?? {}
  const { status } = await send(method, pathOf({ path }, goodParams(path, stage)), body)
  const mayMiss = ['updateSchedule', 'setFlowRunState', 'resumeFlowRun']
  if (!mayMiss.includes(name)) expect(status).toBeLessThan(300)
})

it.each(withBody)('$name withstands hostile values in every place', async ({ name, method, path }) => {
  const good = goodBodies(stage)[name] ?? {}
  const url = pathOf({ path }, goodParams(path, stage))
  const values = Object.values(HOSTILE_VALUES)
  const places = placesIn(good)
  for (const [n, place] of places.entries()) {
    // Not every value in every place, which would take minutes, but each in some place of every endpoint.
    const some = values.filter((_, at) => (at + n) % Math.min(STRIDE, places.length) === 0)
    for (const value of some) await send(method, url, replaced(good, place, value))
  }
})

it.each(withBody)('$name withstands bodies that are no JSON or no object', async ({ method, path }) => {
  const url = pathOf({ path }, goodParams(path, stage))
  for (const [told, { text, statuses }] of Object.entries(HOSTILE_BODIES)) {
    const { status } = await send(method, url, undefined, { rawBody: text })
    expect(statuses, told).toContain(status)
  }
  await send(method, url, undefined, { rawBody: '' })
  await send(method, url, undefined, { rawBody: '[]' })
})

it.each(named.filter((each) => each.path.includes(':')))('$name withstands paths that name nothing', async (each) => {
  const { method, path } = each
  const names = [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '')
  const body = method === 'GET' || isDelete(each) ? undefined : {}
  for (const hostile of names) {
    for (const segment of HOSTILE_SEGMENTS) {
      const params = goodParams(path, stage)
      const url = path.replace(/:(\w+)/g, (_, name: string) => (name === hostile ? segment : (params[name] ?? '')))
      const { status } = await send(method, url, body)
      expect([200, 201, 204, 404, 409, 422], url).toContain(status)
    }
  }
})

it.each(named.filter((each) => each.query !== undefined))('$name withstands hostile queries', async ({ path }) => {
  const url = pathOf({ path }, goodParams(path, stage))
  for (const query of [
    '?',
    '?client',
    '?flow_run_id=',
    '?flow_run_id=x',
    '?flow_run_id[]=1',
    '?%',
    '?a=%zz',
    '?__proto__=1',
  ]) {
    expect([200, 422]).toContain((await send('GET', url + query, undefined)).status)
  }
})
