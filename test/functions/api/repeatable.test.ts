import { afterAll, beforeAll, expect, it } from 'vitest'
import { OPERATIONS } from '#shared/contract/endpoints.ts'
import { repeatabilityOf } from '#shared/contract/repeatable.ts'
import { api, type Json } from '../../support/api.ts'
import { goodBodies, goodParams, type Stage, setStage } from '../../support/fixtures/good-requests.ts'
import { pathOf } from '../../support/path-of.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
let stage: Stage
let schedule_id: string
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  stage = await setStage(world, http)
  const schedule = { schedule: { interval: 60 }, active: false, slug: 'patched' }
  schedule_id = (await http.post(`/deployments/${stage.deploymentId}/schedules`, [schedule])).body[0].id
})
afterAll(() => world.close())

const KEY = 'the-same-again'

const repeatable = OPERATIONS.flatMap(({ name, endpoint }) => {
  const { method, path, body } = endpoint
  const repeat = repeatabilityOf(name, endpoint)
  return repeat && method !== 'GET' && method !== 'DELETE' ? [{ name, method, path, body, repeat }] : []
})

/** Everything stored, as each noun's list shows it, without timestamps. */
async function everything(): Promise<Json> {
  const lists = OPERATIONS.filter(({ endpoint: { path } }) => path.endsWith('/filter') && !/input|events/.test(path))
  const replies = lists.map(async ({ name, endpoint: { path } }) => {
    const body = name === 'listLogs' ? { logs: { flow_run_id: { any_: [stage.runId] } } } : {}
    const reply = await http.post(pathOf({ path }, goodParams(path, stage)), body)
    expect(reply.status).toBe(200)
    return [path, reply.body]
  })
  return JSON.parse(
    JSON.stringify(Object.fromEntries(await Promise.all(replies)), (key, value: unknown) =>
      /^(updated|last_polled|last_heartbeat_time|last_seen|estimated_start_time_delta|seconds_.*)$/.test(key)
        ? undefined
        : value,
    ),
  )
}

it.each(repeatable)('$name has the same result when repeated', async ({ name, method, path, body, repeat }) => {
  const good = goodBodies(stage)[name] ?? {}
  const sent = repeat === 'keyed' ? { ...good, idempotency_key: `${KEY}-${name}` } : good
  const url = pathOf({ path }, { ...goodParams(path, stage), schedule_id })
  const once = () => http.send(method, url, body ? sent : undefined)
  const first = await once()
  const after = await everything()
  const second = await once()
  expect([first.status, second.status].map((status) => status < 300)).toEqual([true, true])
  expect(second.body?.id).toBe(first.body?.id)
  expect(await everything()).toEqual(after)
})

it.each(['createArtifact', 'createApiKey', 'acquireSlots'])('%s has another result when repeated', async (name) => {
  const path = OPERATIONS.find((each) => each.name === name)?.endpoint.path ?? ''
  await http.post(path, goodBodies(stage)[name])
  const after = await everything()
  await http.post(path, goodBodies(stage)[name])
  expect(await everything()).not.toEqual(after)
})
