import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiHandler } from '../../../functions/api/handler.ts'
import { api } from '../../support/api.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let http: ReturnType<typeof api>
let flow: string

beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flow = (await http.post('/flows/', { name: 'f' })).body.id
})
afterAll(() => world.close())

const deploy = (parameters: string) =>
  http.post('/deployments/', undefined, { rawBody: `{"name":"d","flow_id":"${flow}","parameters":${parameters}}` })
const fieldsOf = (body: { exception_detail: { loc: unknown }[] }) => body.exception_detail.map(({ loc }) => loc)

describe('what JSON does not have', () => {
  it.each(['NaN', 'Infinity', '-Infinity'])('%s is refused, and its place named', async (word) => {
    const { status, body } = await deploy(`{"text": "NaN \\"Infinity", "list": [1, {"x": ${word}}]}`)
    expect(status).toBe(422)
    expect(fieldsOf(body)).toEqual([['body', 'parameters', 'list', 1, 'x']])
    expect((await http.get('/deployments/name/f/d')).status).toBe(404)
  })

  it.each(['{"a": NaNa}', '{"a": "NaN}', '{"a": Infinity Infinity}', '{"NaN": }', '{NaN: 1}'])(
    '%s is no JSON by more than that',
    async (text) => {
      expect((await deploy(text)).status).toBe(400)
    },
  )

  it('bytes that are no UTF-8 are refused, whatever the content type', async () => {
    const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')])
    const event = {
      version: '2.0',
      rawPath: '/api/flows/',
      rawQueryString: '',
      headers: {},
      body: bytes.toString('base64'),
      isBase64Encoded: true,
      requestContext: { http: { method: 'POST' } },
    }
    const answer = await createApiHandler(world)(event as never)
    expect([answer.statusCode, answer.body]).toEqual([400, expect.stringContaining('not valid UTF-8')])
  })
})

describe('half a surrogate pair', () => {
  it.each([
    ['a text', '{"a":["\\ud83d"]}', ['a', 0]],
    ['the name of a member', '{"a":{"\\udc00":1}}', ['a', '\udc00']],
    ['a pair in the wrong order', '{"a":"\\udc00\\ud800"}', ['a']],
  ])('is refused in %s', async (_, parameters, path) => {
    const { status, body } = await deploy(parameters)
    expect(status).toBe(422)
    expect(fieldsOf(body)).toEqual([['body', 'parameters', ...path]])
  })

  it("becomes U+FFFD in a state's message, so that the state is not lost, and is refused in its data", async () => {
    const { id } = (await http.post('/flow_runs/', { flow_id: flow, state: { type: 'RUNNING' } })).body
    const set = (state: string) =>
      http.post(`/flow_runs/${id}/set_state`, undefined, { rawBody: `{"state":${state},"force":false}` })
    expect((await set(String.raw`{"type":"COMPLETED","data":{"message":"\ud83d"}}`)).status).toBe(422)
    expect((await set(String.raw`{"type":"COMPLETED","message":"done \ud83d"}`)).body.status).toBe('ACCEPT')
    expect((await http.get(`/flow_runs/${id}`)).body.state.message).toBe('done \ufffd')
  })

  it('is refused in labels that look like a state', async () => {
    const { id } = (await http.post('/flow_runs/', { flow_id: flow, state: { type: 'RUNNING' } })).body
    const labels = String.raw`{"state":{"type":"COMPLETED","message":"\ud83d"}}`
    expect((await http.send('PATCH', `/flow_runs/${id}/labels`, undefined, { rawBody: labels })).status).toBe(422)
  })

  it('becomes U+FFFD in a line of a log', async () => {
    const { id } = (await http.post('/flow_runs/', { flow_id: flow, state: { type: 'RUNNING' } })).body
    const line = String.raw`[{"name":"n","level":20,"message":"\ud83d!","timestamp":"2026-01-01T00:00:00Z","flow_run_id":"${id}"}]`
    expect((await http.post('/logs/', undefined, { rawBody: line })).status).toBe(201)
    const { body } = await http.post('/logs/filter', { logs: { flow_run_id: { any_: [id] } } })
    expect(body.map(({ message }: { message: string }) => message)).toEqual(['\ufffd!'])
  })
})

describe('a number is no object, however it is written', () => {
  it.each([
    ['POST', '/artifacts/', '1.0', ['body']],
    ['POST', '/flows/filter', '1e2', ['body']],
    ['POST', '/flow_runs/filter', '{"flow_runs":1.0}', ['body', 'flow_runs']],
    ['POST', '/flow_runs/', '{"flow_id":"FLOW","empirical_policy":1.0}', ['body', 'empirical_policy']],
    [
      'POST',
      '/flow_runs/',
      '{"flow_id":"FLOW","state":{"type":"PENDING","state_details":-0}}',
      ['body', 'state', 'state_details'],
    ],
    ['POST', '/flows/', '{"name":1.0}', ['body', 'name']],
  ])('%s %s %s', async (method, path, text, place) => {
    const { status, body } = await http.send(method, path, undefined, { rawBody: text.replace('FLOW', flow) })
    expect([status, fieldsOf(body)]).toEqual([422, [place]])
    expect(body.detail).toContain('received number')
  })
})

it('a number that Python would refuse to read is refused', async () => {
  const { status, body } = await deploy(`{"n":${'1'.repeat(4_301)}}`)
  expect([status, body.detail]).toEqual([422, 'The request body has a number of more than 4,300 digits.'])
  expect((await deploy(`{"n":[${'1'.repeat(4_300)},-${'1'.repeat(4_300)}]}`)).status).toBe(201)
})

it('a deep body with unusual numbers is refused in words', async () => {
  const { status, body } = await deploy(`${'{"a":'.repeat(100_000)}1.0${'}'.repeat(100_000)}`)
  expect([status, body.detail]).toEqual([422, 'The request body is nested deeper than 64 levels.'])
})
