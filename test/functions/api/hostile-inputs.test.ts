import { afterAll, beforeAll, expect, it } from 'vitest'
import { BODY_BYTES_MAX } from '#shared/bounds.ts'
import { OPERATIONS } from '#shared/contract/endpoints.ts'
import { api, type RequestOptions } from '../../support/api.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { goodBodies, goodParams, type Stage, setStage } from '../../support/fixtures/good-requests.ts'
import { HOSTILE_BODIES, HOSTILE_SEGMENTS, HOSTILE_VALUES } from '../../support/fixtures/hostile-values.ts'
import { pathOf } from '../../support/path-of.ts'
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
    // A plain DeleteItem is left out: deleting a missing item is not a write.
    if (/Put|Update|Write/.test(name)) writes += 1
    return result
  })
  http = api(watched)
  stage = await setStage(world, http)
})
afterAll(() => world.close())

/**
 * Sends a request that may be rejected but must never break: no 5xx, nothing written unless it succeeds. Returns what is
 * wrong with the reply, if anything.
 */
async function faults(request: {
  method: string
  path: string
  body?: unknown
  options?: RequestOptions
  allowed?: (status: number) => boolean
}): Promise<string[]> {
  const { method, path, body, options = {}, allowed = () => true } = request
  writes = 0
  const { status } = await http.send(method, path, body, options)
  const told = `${method} ${path} ${(options.rawBody ?? JSON.stringify(body) ?? '').slice(0, 400)} -> ${status}`
  return [
    ...(status < 500 ? [] : [`${told} broke: ${JSON.stringify(world.logged.at(-1))}`]),
    ...(status < 500 && !allowed(status) ? [`${told} is not among the expected answers`] : []),
    ...(status >= 400 && writes > 0 ? [`${told} was refused, and yet wrote`] : []),
    ...('polluted' in Object.prototype ? [`${told} polluted the prototype`] : []),
  ]
}

const named = OPERATIONS.map(({ name, endpoint }) => ({ name, ...endpoint }))
const withBody = named.filter((each) => each.body !== undefined)

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

/** These need something that is not on the stage, or another state of the run. */
const MAY_MISS = new Set(['updateDeploymentSchedule', 'setFlowRunState', 'resumeFlowRun', 'createAutomation'])

it.each(withBody)('$name accepts a good request', async ({ name, method, path }) => {
  const body = goodBodies(stage)[name] ?? {}
  const allowed = (status: number) => status < 300 || MAY_MISS.has(name)
  expect(await faults({ method, path: pathOf({ path }, goodParams(path, stage)), body, allowed })).toEqual([])
})

it.each(withBody)('$name withstands hostile values in every place', async ({ name, method, path }) => {
  const good = goodBodies(stage)[name] ?? {}
  const url = pathOf({ path }, goodParams(path, stage))
  const values = Object.values(HOSTILE_VALUES)
  const places = placesIn(good)
  const found: string[] = []
  for (const [n, place] of places.entries()) {
    // Not every value in every place, which would take minutes, but each in some place of every endpoint.
    const some = values.filter((_, at) => (at + n) % Math.min(STRIDE, places.length) === 0)
    for (const value of some) found.push(...(await faults({ method, path: url, body: replaced(good, place, value) })))
  }
  expect(found).toEqual([])
})

it.each(withBody)(
  '$name withstands bodies that are not JSON or not an object',
  async ({ method, path, bodyBytesMax }) => {
    const url = pathOf({ path }, goodParams(path, stage))
    const found: string[] = []
    const large = { text: `{"a":"${'x'.repeat(bodyBytesMax ?? BODY_BYTES_MAX)}"}`, statuses: [413] }
    for (const { text, statuses } of [...Object.values(HOSTILE_BODIES), large]) {
      const allowed = (status: number) => statuses.includes(status)
      found.push(...(await faults({ method, path: url, options: { rawBody: text }, allowed })))
    }
    for (const rawBody of ['', '[]', '{}']) found.push(...(await faults({ method, path: url, options: { rawBody } })))
    expect(found).toEqual([])
  },
)

it.each(named.filter((each) => each.path.includes(':')))('$name withstands paths that name nothing', async (each) => {
  const { method, path } = each
  const names = [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? '')
  const body = method === 'GET' || method === 'DELETE' ? undefined : {}
  const allowed = (status: number) => [200, 201, 202, 204, 404, 409, 410, 422].includes(status)
  const found: string[] = []
  for (const hostile of names) {
    for (const segment of HOSTILE_SEGMENTS) {
      const params = goodParams(path, stage)
      const url = path.replace(/:(\w+)/g, (_, name: string) => (name === hostile ? segment : (params[name] ?? '')))
      found.push(...(await faults({ method, path: url, body, allowed })))
    }
  }
  expect(found).toEqual([])
})

const QUERIES = ['?', '?client', '?flow_run_id=', '?flow_run_id=x', '?flow_run_id[]=1', '?%', '?a=%zz', '?__proto__=1']

it.each(named.filter((each) => each.query !== undefined))('$name withstands hostile queries', async ({ path }) => {
  const url = pathOf({ path }, goodParams(path, stage))
  const allowed = (status: number) => status === 200 || status === 422
  const found: string[] = []
  for (const query of QUERIES) found.push(...(await faults({ method: 'GET', path: url + query, allowed })))
  expect(found).toEqual([])
})
