import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

let world: World
let http: ReturnType<typeof api>

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
})
afterAll(() => world.close())

const start = Date.UTC(2026, 0, 15, 12)
/** Lines of a run, 3 seconds apart. */
function lines(flow_run_id: string | null, count: number, from = 0): Json[] {
  return Array.from({ length: count }, (_, n) => ({
    name: 'prefect.flow_runs',
    level: (from + n) % 2 === 0 ? 20 : 40,
    message: `line ${from + n}`,
    timestamp: new Date(start + (from + n) * 3000).toISOString(),
    flow_run_id,
  }))
}
const newRun = async (): Promise<string> => {
  const flow = await http.post('/flows/', { name: 'logging' })
  return (await http.post('/flow_runs/', { flow_id: flow.body.id })).body.id
}
const read = async (filter: Json, rest: Json = {}) =>
  (await http.post('/logs/filter', { logs: filter, ...rest })).body.map((each: Json) => each.message)
const of = (...runs: string[]) => ({ flow_run_id: { any_: runs } })

describe('log lines', () => {
  it('are listed in chronological order, page by page, in either direction', async () => {
    const run = await newRun()
    await http.post('/logs/', lines(run, 20, 20))
    expect(await http.post('/logs/', lines(run, 20))).toMatchObject({ status: 201, body: null })
    const all = Array.from({ length: 40 }, (_, n) => `line ${n}`)
    expect(await read(of(run))).toEqual(all)
    expect(await read(of(run), { limit: 5, offset: 18 })).toEqual(all.slice(18, 23))
    expect(await read(of(run), { limit: 5, sort: 'TIMESTAMP_DESC' })).toEqual(all.toReversed().slice(0, 5))
    expect(await read(of(run), { limit: 0 })).toEqual([])
  })

  it('are stored once when a batch is sent again', async () => {
    const run = await newRun()
    const batch = [...lines(run, 5), ...lines(run, 1)]
    await http.post('/logs/', batch)
    await http.post('/logs/', batch)
    expect(await read(of(run))).toHaveLength(6)
    const { body } = await http.post('/logs/filter', { logs: of(run) })
    expect(new Set(body.map((each: Json) => each.id)).size).toBe(6)
    expect((await http.post('/logs/filter', { logs: of(run) })).body).toEqual(body)
  })

  it('are filtered by level, time and text', async () => {
    const run = await newRun()
    await http.post('/logs/', lines(run, 10))
    expect(await read({ ...of(run), level: { ge_: 30 } }, { limit: 2 })).toEqual(['line 1', 'line 3'])
    expect(await read({ ...of(run), level: { le_: 20 } }, { limit: 2 })).toEqual(['line 0', 'line 2'])
    const at = (n: number) => new Date(start + n * 3000).toISOString()
    expect(await read({ ...of(run), timestamp: { after_: at(4), before_: at(5) } })).toEqual(['line 4', 'line 5'])
    expect(await read({ ...of(run), text: { query: 'LINE 7' } })).toEqual(['line 7'])
    expect(await read({ ...of(run), task_run_id: { is_null_: false } })).toEqual([])
  })

  it('of several runs are merged; of no runs there are none', async () => {
    const [a, b] = [await newRun(), await newRun()]
    await http.post('/logs/', [...lines(a, 2, 0), ...lines(b, 2, 1)])
    expect(await read(of(a, b))).toEqual(['line 0', 'line 1', 'line 1', 'line 2'])
    expect(await read(of())).toEqual([])
    expect((await http.post('/logs/filter', {})).status).toBe(422)
  })

  it('without a run are dropped', async () => {
    expect((await http.post('/logs/', lines(null, 2))).status).toBe(201)
    expect(world.counted.get('LogLinesWithoutRun')).toBe(2)
  })

  it('may be as long as a request, even incompressible', async () => {
    const run = await newRun()
    const noise = Array.from({ length: 700_000 }, () => String.fromCharCode(33 + Math.floor(world.ids.random() * 90)))
    const message = noise.join('').replaceAll(/["\\]/g, '_')
    await http.post('/logs/', [{ ...lines(run, 1)[0], message }, ...lines(run, 2, 1)])
    expect(await read(of(run))).toEqual([message, 'line 1', 'line 2'])
  })

  it('may come in batches as large as clients send', async () => {
    const run = await newRun()
    const batch = lines(run, 20_000)
    expect(JSON.stringify(batch).length).toBeGreaterThan(3_000_000)
    expect((await http.post('/logs/', batch)).status).toBe(201)
    expect(await read(of(run), { limit: 1, offset: 19_999 })).toEqual(['line 19999'])
    expect((await http.post('/logs/', [{ ...batch[0], message: 'x'.repeat(5_000_000) }])).status).toBe(413)
  })

  it('are rejected as a whole when one is invalid', async () => {
    const run = await newRun()
    const { status, body } = await http.post('/logs/', [...lines(run, 1), { ...lines(run, 1)[0], timestamp: 'noon' }])
    expect(status).toBe(422)
    expect(body.exception_detail[0].loc).toEqual(['body', 1, 'timestamp'])
    expect(await read(of(run))).toEqual([])
  })

  it('are deleted with their run', async () => {
    const flow = (await http.post('/flows/', { name: 'logged' })).body.id
    const run = (await http.post('/flow_runs/', { flow_id: flow })).body.id
    await http.post('/logs/', lines(run, 100))
    await http.delete(`/flow_runs/${run}`)
    expect(await read(of(run))).toEqual([])
  })
})
