import { describe, expect, it } from 'vitest'
import {
  ApiError,
  type Client,
  type ClientOptions,
  ConnectionError,
  createClient,
  TimeoutError,
} from '#shared/client/create-client.ts'
import {
  answers,
  answersByHalf,
  type Behaviour,
  dropsTheConnection,
  type MisbehavingServer,
  neverAnswers,
  openMisbehavingServer,
} from '../support/misbehaving-server.ts'

const KEY = 'pp_0123456789abcdef01_secret'
/** Long enough for a busy machine to deliver a request. */
const LATE_MS = 500
const gatewayFault = answers(500, { message: 'Internal Server Error' })
const ownFault = { detail: 'Internal Server Error', exception_message: 'Internal Server Error', code: 'internal' }
const localGatewayFault = answers(500, { message: 'Internal Server Error', ...ownFault })
const busy = answers(503, { detail: 'The service is busy; retry.' }, { 'retry-after': '0' })
const throttled = answers(429, { message: 'Too Many Requests' })
const done = answers(200, { id: 'r1' })

interface Scene extends MisbehavingServer {
  client: Client
}

async function against(behaviours: Behaviour[], options: Partial<ClientOptions> = {}): Promise<Scene> {
  const server = await openMisbehavingServer(...behaviours)
  const client = createClient({ url: server.url, apiKey: KEY, retry: { backoffMs: 1 }, ...options })
  return { ...server, client }
}

async function failureOf<T extends Error>(call: Promise<unknown>, kind: new (...args: never[]) => T): Promise<T> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof kind)) throw new Error(`expected a ${kind.name}, got ${String(error)}`)
  return error
}

/** How often a call was sent, and whether it succeeded. */
async function outcome(behaviours: Behaviour[], call: (client: Client) => Promise<unknown>) {
  const { client, received } = await against(behaviours)
  const ok = await call(client).then(
    () => true,
    () => false,
  )
  return { ok, sent: received.length }
}

const read = (client: Client) => client.getFlowRun({ id: 'r1' })
const list = (client: Client) => client.listFlowRuns()
const createRun = (client: Client) => client.createFlowRun({ flow_id: 'f1' })
const createPool = (client: Client) => client.createWorkPool({ name: 'main' })
const setState = (client: Client) => client.setFlowRunState({ id: 'r1' }, { state: { type: 'RUNNING' } })

describe('retries', () => {
  const lost = {
    dropsTheConnection,
    answersByHalf,
    gatewayFault,
    localGatewayFault,
    busy,
    502: answers(502, 'Bad Gateway'),
    504: answers(504, {}),
  }

  it.each(Object.entries(lost))(
    'repeat reads and keyed creates after %s, but nothing unsafe to repeat',
    async (_, fault) => {
      for (const call of [read, list, createRun])
        expect(await outcome([fault, done], call)).toEqual({ ok: true, sent: 2 })
      for (const call of [createPool, setState])
        expect(await outcome([fault, done], call)).toEqual({ ok: false, sent: 1 })
    },
  )

  it('repeat everything after 429, which the gateway returns before any work is done', async () => {
    for (const call of [read, createRun, createPool, setState]) {
      expect(await outcome([throttled, done], call)).toEqual({ ok: true, sent: 2 })
    }
  })

  it("repeat nothing after the service's own 500, or a client error", async () => {
    for (const fault of [
      answers(500, ownFault),
      answers(404, {}),
      answers(409, {}),
      answers(422, {}),
      answers(423, {}, { 'retry-after': '0' }),
    ]) {
      expect(await outcome([fault, done], read)).toEqual({ ok: false, sent: 1 })
    }
  })

  it('try at most four times, or as often as configured', async () => {
    expect(await outcome([busy], read)).toEqual({ ok: false, sent: 4 })
    const { client, received } = await against([busy], { retry: { triesMax: 1 } })
    expect(await failureOf(read(client), ApiError)).toMatchObject({ status: 503, code: 'unavailable' })
    expect(received).toHaveLength(1)
  })

  it('share one idempotency key, generated unless given', async () => {
    const { client, received } = await against([dropsTheConnection, busy, done])
    await createRun(client)
    const keys = received.map(({ body }) => (JSON.parse(body) as { idempotency_key: string }).idempotency_key)
    expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), keys[0], keys[0]])
    await client.createFlowRunFromDeployment({ id: 'd' }, { idempotency_key: 'mine' })
    expect(received.at(-1)?.body).toContain('"idempotency_key":"mine"')
  })

  it('do not repeat a create that opts out of a key', async () => {
    const create = (client: Client) => client.createFlowRun({ flow_id: 'f1', idempotency_key: null })
    expect(await outcome([dropsTheConnection, done], create)).toEqual({ ok: false, sent: 1 })
  })

  it('wait as long as the service asks', async () => {
    const { client } = await against([answers(503, {}, { 'retry-after': '1' }), done])
    const started = performance.now()
    await read(client)
    expect(performance.now() - started).toBeGreaterThanOrEqual(1_000)
    const { client: hasty, received } = await against([answers(503, {}, { 'retry-after': '120' }), done])
    expect((await failureOf(read(hasty), ApiError)).retryAfterSeconds).toBe(120)
    expect(received).toHaveLength(1)
  })

  it.each([
    ['0.25', 0.25],
    ['1.5', 1.5],
    ['12.75', 12.75],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
    ['soon', undefined],
  ])('report the wait that Retry-After %s asks for', async (header, seconds) => {
    const { client } = await against([answers(423, { code: 'limit_full' }, { 'retry-after': header })])
    const failure = await failureOf(client.acquireSlots({ names: ['l'], slots: 1 }), ApiError)
    expect(failure.retryAfterSeconds).toBe(seconds)
  })

  it('treat a repeated delete that finds nothing as a success', async () => {
    const gone = answers(404, { detail: "Flow run 'r1' not found.", code: 'not_found' })
    const remove = (client: Client) => client.deleteFlowRun({ id: 'r1' })
    expect(await outcome([dropsTheConnection, gone], remove)).toEqual({ ok: true, sent: 2 })
    expect(await outcome([throttled, gone], remove)).toEqual({ ok: false, sent: 2 })
    expect(await outcome([gone], remove)).toEqual({ ok: false, sent: 1 })
    const elsewhere = answers(404, { detail: 'Not Found', code: 'no_route' })
    expect(await outcome([busy, elsewhere], remove)).toEqual({ ok: false, sent: 2 })
  })
})

describe('errors', () => {
  it('carry status, code, fields and request id', async () => {
    const problem = { loc: ['body', 'limit'], msg: 'must be a number', type: 'value_error', input: KEY }
    const body = { detail: 'body.limit: must be a number', code: 'invalid', exception_detail: [problem] }
    const { client } = await against([answers(422, body, { 'apigw-requestid': 'Abc=' })])
    const { input: _, ...field } = problem
    expect(await failureOf(list(client), ApiError)).toMatchObject({
      name: 'ApiError',
      message: 'body.limit: must be a number',
      status: 422,
      code: 'invalid',
      fields: [field],
      requestId: 'Abc=',
    })
  })

  it('have a code and a message when the response has none', async () => {
    const { client } = await against([answers(404, { detail: 'Not Found' }), answers(401, { message: 'Unauthorized' })])
    expect(await failureOf(read(client), ApiError)).toMatchObject({ code: 'no_route', message: 'Not Found' })
    expect(await failureOf(read(client), ApiError)).toMatchObject({
      code: 'unauthorized',
      message: 'The service answered 401 (Unauthorized).',
    })
  })

  it('report a response that is not JSON', async () => {
    const { client, received } = await against([answers(200, '<html>Sign in</html>'), answers(403, '<html>No</html>')])
    const unreadable = { status: 200, code: 'unreadable_reply', message: expect.stringContaining('not JSON') }
    expect(await failureOf(read(client), ApiError)).toMatchObject(unreadable)
    expect(await failureOf(read(client), ApiError)).toMatchObject({ status: 403, code: 'forbidden' })
    expect(received).toHaveLength(2)
  })

  it('report a redirect, which is not followed with the key', async () => {
    const elsewhere = await openMisbehavingServer(done)
    const { client } = await against([answers(302, '', { location: elsewhere.url })])
    expect(await failureOf(read(client), ApiError)).toMatchObject({ status: 302 })
    expect(elsewhere.received).toEqual([])
  })

  it('of the connection keep their cause, and tell whether the outcome is unknown', async () => {
    const { client } = await against([dropsTheConnection], { retry: { triesMax: 1 } })
    const lost = await failureOf(read(client), ConnectionError)
    expect(lost).toMatchObject({ outcomeUnknown: true, cause: expect.any(Error) })
    expect(lost.message).toMatch(/^No answer from http:\/\/127\.0\.0\.1:\d+ \(UND_ERR_SOCKET\)\.$/)
  })

  it('say that nothing listens', async () => {
    const { client, url, close } = await against([done])
    await close()
    const refused = await failureOf(createPool(client), ConnectionError)
    expect(refused).toMatchObject({ message: `Nothing is listening at ${url}.`, outcomeUnknown: false })
  })

  it('report a timeout', async () => {
    const { client, received } = await against([neverAnswers], { timeoutMs: LATE_MS })
    const late = await failureOf(createPool(client), TimeoutError)
    expect(late).toMatchObject({ name: 'TimeoutError', outcomeUnknown: true })
    expect(late.message).toMatch(/within 0\.5 s\.$/)
    expect(late).toBeInstanceOf(ConnectionError)
    expect(received).toHaveLength(1)
    expect(
      await outcome([neverAnswers, done], (patient) => patient.getFlowRun({ id: 'r1' }, { timeoutMs: LATE_MS })),
    ).toEqual({
      ok: true,
      sent: 2,
    })
  })

  it("are the signal's reason when the caller aborts, also between tries", async () => {
    const { client } = await against([neverAnswers])
    const reason = new Error('enough')
    const given = client.getFlowRun({ id: 'r1' }, { signal: AbortSignal.abort(reason) })
    await expect(given).rejects.toBe(reason)
    const controller = new AbortController()
    const abort: Behaviour = (response, request) => {
      answers(503, {}, { 'retry-after': '30' })(response, request)
      response.on('close', () => controller.abort(reason))
    }
    const { client: waiting, received } = await against([abort])
    await expect(waiting.getFlowRun({ id: 'r1' }, { signal: controller.signal })).rejects.toBe(reason)
    expect(received).toHaveLength(1)
  })

  it('never contain the key', async () => {
    const faults = [dropsTheConnection, answersByHalf, answers(401, {}), answers(200, 'x')]
    for (const fault of faults) {
      const { client } = await against([fault], { retry: { triesMax: 1 } })
      const error = await failureOf(read(client), Error)
      expect(shown(error)).not.toContain('secret')
    }
    const unusable = () => createClient({ url: 'http://localhost', apiKey: `${KEY}\n` })
    expect(unusable).toThrow(TypeError)
    expect(unusable).not.toThrow(/secret/)
  })
})

/** Everything that a log could show of an error. */
function shown(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return [error.stack, JSON.stringify(error), ...(error.cause ? [shown(error.cause)] : [])].join('\n')
}
