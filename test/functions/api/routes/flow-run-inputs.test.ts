import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INPUT_BYTES_MAX } from '#shared/bounds.ts'
import { api, type Json } from '../../../support/api.ts'
import { openWorld, type World } from '../../../support/world.ts'

const NOWHERE = '00000000-0000-0000-0000-000000000000'
let world: World
let http: ReturnType<typeof api>
let flowId: string
beforeAll(async () => {
  world = await openWorld()
  http = api(world)
  flowId = (await http.post('/flows/', { name: 'etl' })).body.id
})
afterAll(() => world.close())

const setState = (id: string, state: Json) => http.post(`/flow_runs/${id}/set_state`, { state })
async function running(): Promise<string> {
  const { id } = (await http.post('/flow_runs/', { flow_id: flowId })).body
  await setState(id, { type: 'RUNNING' })
  return id
}
const give = (id: string, key: string, value: string, more: Json = {}) =>
  http.post(`/flow_runs/${id}/input`, { key, value, ...more })

describe('an input of a run', () => {
  it('is received once, and read as plain text', async () => {
    const id = await running()
    const value = '{"a": "ä", "b": [1.0]}'
    expect((await give(id, 'my-key', value, { sender: 'me' })).status).toBe(201)
    expect((await give(id, 'my-key', 'other')).status).toBe(409)
    const read = await http.get(`/flow_runs/${id}/input/my-key`)
    expect(read.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(read.body).toBe(value)
    expect((await http.delete(`/flow_runs/${id}/input/my-key`)).status).toBe(204)
    for (const send of [http.get, http.delete]) expect((await send(`/flow_runs/${id}/input/my-key`)).status).toBe(404)
  })

  it('is listed by key prefix, in order of arrival', async () => {
    const id = await running()
    for (const key of ['ask-c', 'ask-a', 'ask-b', 'other']) await give(id, key, `"${key}"`)
    const list = async (body: Json) =>
      (await http.post(`/flow_runs/${id}/input/filter`, body)).body.map(({ key }: Json) => key)
    expect(await list({ prefix: 'ask' })).toEqual(['ask-c'])
    expect(await list({ prefix: 'ask', limit: 2, exclude_keys: ['ask-c'] })).toEqual(['ask-a', 'ask-b'])
    expect(await list({ prefix: '', limit: 9 })).toHaveLength(4)
    const [first] = (await http.post(`/flow_runs/${id}/input/filter`, { prefix: 'other' })).body
    expect(first).toMatchObject({ flow_run_id: id, key: 'other', value: '"other"', sender: null })
  })

  it('needs a run, a key valid in Prefect, and a size that can be stored', async () => {
    const id = await running()
    expect((await give(NOWHERE, 'a', '1')).status).toBe(404)
    for (const key of ['', 'A', 'a_b', 'a/b', 'x'.repeat(256)]) expect((await give(id, key, '1')).status).toBe(422)
    expect((await give(id, 'large', 'x'.repeat(INPUT_BYTES_MAX + 1))).status).toBe(413)
    expect((await give(id, 'fits', 'x'.repeat(INPUT_BYTES_MAX))).status).toBe(201)
  })

  it('is deleted with its run', async () => {
    const id = await running()
    await give(id, 'a', '1')
    await setState(id, { type: 'COMPLETED' })
    await http.delete(`/flow_runs/${id}`)
    expect((await http.get(`/flow_runs/${id}/input/a`)).status).toBe(404)
  })
})

describe('a pause that waits for input', () => {
  const keyset = { schema: 'paused-1-schema', description: 'paused-1-description', response: 'paused-1-response' }
  const pause = (id: string, details: Json = {}) =>
    setState(id, { type: 'PAUSED', state_details: { run_input_keyset: keyset, pause_key: '1', ...details } })

  it('drops the input of an earlier try of the flow', async () => {
    const id = await running()
    for (const key of Object.values(keyset)) await give(id, key, '{}')
    expect((await pause(id)).body.state.state_details.run_input_keyset).toEqual(keyset)
    expect((await http.post(`/flow_runs/${id}/input/filter`, { prefix: '', limit: 9 })).body).toEqual([])
  })

  const schema = { type: 'object', properties: { count: { type: 'integer' } }, required: ['count'] }
  const asking = async (text = JSON.stringify(schema)) => {
    const id = await running()
    await pause(id)
    await give(id, keyset.schema, text)
    return id
  }
  const resume = async (id: string, run_input?: Json) =>
    (await http.post(`/flow_runs/${id}/resume`, { run_input })).body
  const answerOf = async (id: string) => await http.get(`/flow_runs/${id}/input/${keyset.response}`)

  it('resumes with valid input, and finds it stored', async () => {
    const id = await asking()
    await give(id, keyset.response, '"left behind"')
    expect(await resume(id, { count: 3 })).toMatchObject({ status: 'ACCEPT', state: { type: 'RUNNING' } })
    expect((await answerOf(id)).body).toBe('{"count":3}')
    expect(await resume(id, { count: 4 })).toMatchObject({ status: 'ABORT' })
    expect((await answerOf(id)).body).toBe('{"count":3}')
  })

  it.each([
    ['nothing', undefined, "Reason: Validation failed. Failure reason: 'count' is a required property"],
    [
      'something else',
      { count: 'x' },
      "Reason: Validation failed for field 'count'. Failure reason: 'x' is not of type",
    ],
    ['what stands for nothing', { count: { __prefect_kind: 'json', value: '{' } }, 'Error hydrating run input'],
  ])('stays paused when given %s', async (_what, input, reason) => {
    const id = await asking()
    const answer = await resume(id, input)
    expect(answer).toMatchObject({ status: 'REJECT', state: { type: 'PAUSED' } })
    expect(answer.details.reason).toContain(reason)
    expect((await answerOf(id)).status).toBe(404)
    expect((await http.get(`/flow_runs/${id}`)).body.state_type).toBe('PAUSED')
  })

  it.each([
    ['is no JSON', '{', 'Run input schema is not valid JSON.'],
    ['is no schema', '{"type": "thing"}', 'Reason: Invalid schema'],
  ])('stays paused when its schema %s', async (_what, text, reason) => {
    expect((await resume(await asking(text), { count: 1 })).details.reason).toContain(reason)
  })

  it('stays paused while its schema is missing', async () => {
    const id = await running()
    await pause(id)
    expect(await resume(id, { count: 1 })).toMatchObject({
      status: 'REJECT',
      details: { reason: 'Run input schema not found.' },
    })
  })

  it('needs no input without a schema', async () => {
    const id = await running()
    await setState(id, { type: 'PAUSED' })
    expect(await resume(id, { any: 'thing' })).toMatchObject({ status: 'ACCEPT' })
  })
})
