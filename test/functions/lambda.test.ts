import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { FUNCTION_NAMES, type FunctionName } from '#shared/config.ts'
import { buildOpenApi } from '#shared/contract/openapi.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { ensureTable } from '#shared/storage/dynamo/ensure-table.ts'
import { toItem } from '#shared/storage/dynamo/expression.ts'
import { getItem } from '#shared/storage/dynamo/get-item.ts'
import { openFormat } from '#shared/storage/dynamo/open-format.ts'
import { openTable } from '#shared/storage/dynamo/open-table.ts'
import { FORMAT_KEY, TABLE_FORMAT } from '#shared/storage/dynamo/table.ts'
import { startDynoxide } from '../../local/engine/dynoxide.ts'
import { CUTS } from '../../scripts/bundle/left-out.ts'
import { type Bundle, bundleFunctions } from '../../scripts/bundle.ts'
import type { Json } from '../support/api.ts'
import { ecsEnv } from '../support/ecs/ecs.ts'
import { EcsServer } from '../support/ecs/ecs-server.ts'
import { createRuns, pushPool, readRun } from '../support/fixtures/fixtures.ts'
import { receiveAll, sqsEvent, useSqs } from '../support/sqs.ts'
import { openWorld } from '../support/world.ts'

const openQueue = useSqs()
const folder = mkdtempSync(join(tmpdir(), 'pushpool-bundles-'))
let bundles: Bundle[]
beforeAll(async () => {
  bundles = await bundleFunctions(folder)
})
afterAll(() => rmSync(folder, { recursive: true }))

const bundleOf = (name: FunctionName) => bundles.find((bundle) => bundle.name === name)?.file ?? ''
const codeOf = (name: FunctionName) =>
  globSync(join(dirname(bundleOf(name)), '*.mjs'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
const RUN =
  'const { handler } = await import(process.argv[1]); console.log(JSON.stringify(await handler(JSON.parse(process.argv[2]), {})))'

/** Calls a bundled function in a separate process, as Lambda does; returns its result. */
async function invoke(name: FunctionName, env: Record<string, string>, event: object): Promise<unknown> {
  return (await invokeAndListen(name, env, event)).answer
}

/** The same, with the lines of its log. */
async function invokeAndListen(name: FunctionName, env: Record<string, string>, event: object) {
  const args = ['--input-type=module', '--eval', RUN, bundleOf(name), JSON.stringify(event)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  return { answer: lines.at(-1) as unknown, lines: lines.slice(0, -1) }
}

/** A table, a queue and an ECS, and the environment that leads to them. */
async function openAws() {
  const engine = await startDynoxide()
  const table = openTable({ tableName: 'pushpool', endpoint: engine.endpoint })
  onTestFinished(async () => {
    table.client.destroy()
    await engine.stop()
  })
  await ensureTable(table)
  await openFormat(table, 'do something')
  const world = await openWorld({ table })
  const server = await EcsServer.open()
  const queue = await openQueue()
  // The SDK calls the host in a queue's URL, and the original one is in no DNS.
  const queueUrl = new URL(queue.url)
  queueUrl.hostname = '127.0.0.1'
  const env = {
    ...Object.fromEntries(Object.entries(ecsEnv).map(([name, value]) => [name, String(value)])),
    REQUIRE_KEYS: 'true',
    WAKE_UP_QUEUE_URL: queueUrl.href,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    AWS_ENDPOINT_URL_SQS: queueUrl.origin,
    AWS_ENDPOINT_URL_ECS: server.endpoint,
  }
  return { world, server, queue, env }
}

/** The bundled api in front of a table and a queue; returns statuses and bodies, each from a cold start. */
async function openApi() {
  const { env, queue } = await openAws()
  const send = async (path: string, body?: object): Promise<{ statusCode: number | undefined; body: Json }> => {
    const answer = await invoke('api', { ...env, REQUIRE_KEYS: 'false' }, request(path, body))
    const { statusCode, body: text = '' } = answer as APIGatewayProxyStructuredResultV2
    return { statusCode, body: JSON.parse(text) }
  }
  return { send, queue }
}

const tick = { source: 'aws.events', 'detail-type': 'Scheduled Event' }
const request = (path: string, body?: object) => ({
  version: '2.0',
  rawPath: path,
  rawQueryString: '',
  headers: {},
  requestContext: { http: { method: body ? 'POST' : 'GET', path }, domainName: 'api.example.com' },
  ...(body ? { body: JSON.stringify(body) } : {}),
  isBase64Encoded: false,
})

const DOCUMENTS = join(import.meta.dirname, '..', '..', 'functions', 'api', 'documents')
const documents = readdirSync(DOCUMENTS).flatMap((file) => (file.endsWith('.ts') ? [file.slice(0, -'.ts'.length)] : []))

describe('a bundle', () => {
  it('of the api stays under 600 KB, all of its routes included', () => {
    expect(bundles.find(({ name }) => name === 'api')?.bytes).toBeLessThanOrEqual(600_000)
  })

  it.each(documents)('of the api has the document %s beside it, as built from the source tree', async (name) => {
    const made = (await import(join(DOCUMENTS, `${name}.ts`))) as { readDocument: () => unknown }
    const shipped = readFileSync(join(dirname(bundleOf('api')), 'documents', `${name}.json`), 'utf8')
    expect(JSON.parse(shipped)).toEqual(JSON.parse(JSON.stringify(made.readDocument())))
  })

  it('of the api excludes what only its document needs', () => {
    const { paths, components } = JSON.parse(JSON.stringify(buildOpenApi()))
    const { summary, requestBody } = paths['/work_pools'].post
    const name = Object.keys(components.schemas).find((each) => each.startsWith('WorkPoolCreate'))
    const texts = [summary, name, requestBody.content['application/json'].example.description]
    expect(texts).toEqual(['Create a work pool with its default queue.', 'WorkPoolCreateRequest', 'Nightly jobs'])
    expect(texts.filter((text) => codeOf('api').includes(text))).toEqual([])
  })

  it('includes the ECS client only with permissions for ECS', () => {
    const holds = ({ file }: Bundle) => readFileSync(join(dirname(file), 'meta.json'), 'utf8').includes('client-ecs')
    expect(bundles.filter(holds).map(({ name }) => name)).toEqual(['dispatcher', 'sweeper'])
  })

  it.each(CUTS.map(({ imported }, at) => ({ imported, at })))('leaves out $imported of the SDK', ({ at }) => {
    const reports = bundles.map(({ file }) => readFileSync(join(dirname(file), 'meta.json'), 'utf8'))
    expect(reports.some((report) => report.includes(`"left-out-${at}:left-out"`))).toBe(true)
  })

  it.each(FUNCTION_NAMES)('of %s reads its environment when called, and reports what is missing', async (name) => {
    await expect(invoke(name, {}, {})).rejects.toThrow(/Invalid environment\. .*TABLE_NAME/)
  })
})

describe('the bundled api', () => {
  it('describes itself as the source tree does', async () => {
    const { send } = await openApi()
    const { statusCode, body } = await send('/api/openapi.json')
    expect(statusCode).toBe(200)
    expect(body).toEqual(JSON.parse(JSON.stringify(buildOpenApi())))
  })

  it('reports errors of unknown classes by their own names and messages', async () => {
    const { env } = await openAws()
    const missing = { ...env, REQUIRE_KEYS: 'false', TABLE_NAME: 'no-such-table' }
    const { answer, lines } = await invokeAndListen('api', missing, request('/api/work_pools/push'))
    expect(answer).toMatchObject({ statusCode: 500 })
    const logged = lines.find(({ level }) => level === 'ERROR')
    expect(logged).toMatchObject({ error: 'ResourceNotFoundException', reason: 'Requested resource not found' })
    expect(codeOf('api')).not.toContain('ResourceNotFoundException')
    // Where the call was made, in the source tree.
    expect(logged?.stack).toMatch(/shared\/storage\/dynamo\/open-format\.ts:\d+:\d+/)
    expect(logged?.stack).not.toContain('.mjs')
  })

  it('reports where in the source tree an unhandled failure occurred', async () => {
    const { env } = await openAws()
    const missing = { ...env, TABLE_NAME: 'no-such-table' }
    const failure = await invoke('dispatcher', missing, tick).catch((error: unknown) => String(error))
    expect(failure).toMatch(/shared\/storage\/dynamo\/open-format\.ts:\d+:\d+/)
    expect(failure).not.toMatch(/dispatcher\/index\.mjs:\d/)
  })

  it('loads rare routes on demand', async () => {
    const { send } = await openApi()
    expect(await send('/api/variables/', { name: 'region', value: 'eu' })).toMatchObject({ statusCode: 201 })
    expect(await send('/api/variables/name/region')).toMatchObject({ statusCode: 200, body: { value: 'eu' } })
    expect(await send('/api/variables/', { name: 'Region' })).toMatchObject({ statusCode: 422 })
    expect(await send('/api/nothing')).toEqual({
      statusCode: 404,
      body: { detail: 'Not Found', exception_message: 'Not Found', code: 'no_route' },
    })
  })

  it('reads, writes, recognizes lost races, and wakes the dispatcher: it has all it needs of the SDK', async () => {
    const { send, queue } = await openApi()
    const pool = await send('/api/work_pools/', { name: 'push', type: 'ecs:push', concurrency_limit: 1 })
    expect(pool).toMatchObject({ statusCode: 201, body: { name: 'push', concurrency_limit: 1 } })
    expect(await send('/api/work_pools/', { name: 'push', type: 'ecs:push' })).toMatchObject({ statusCode: 409 })
    const flow = await send('/api/flows/', { name: 'étude' })
    const deployment = await send('/api/deployments/', {
      name: 'nightly',
      flow_id: flow.body.id,
      work_pool_name: 'push',
      job_variables: { command: 'true', image: 'busybox' },
    })
    expect(await receiveAll(queue)).toEqual([])
    const scheduled = { state: { type: 'SCHEDULED' } }
    const create = `/api/deployments/${deployment.body.id}/create_flow_run`
    const made = [await send(create, scheduled), await send(create, scheduled)]
    expect(made.map(({ statusCode }) => statusCode)).toEqual([201, 201])
    expect(await receiveAll(queue)).toEqual([
      expect.stringContaining(pool.body.id),
      expect.stringContaining(pool.body.id),
    ])
    const claim = (id: string) =>
      send(`/api/flow_runs/${id}/set_state`, { state: { type: 'PENDING' } }).then(({ body }) => body.status)
    const [first, second] = made.map(({ body }) => body.id)
    expect([await claim(first), await claim(second)]).toEqual(['ACCEPT', 'ABORT'])
    const found = await send('/api/flow_runs/filter', { flow_runs: { state: { type: { any_: ['PENDING'] } } } })
    expect(found.body).toMatchObject([{ id: first }])
    expect(await send('/api/flow_runs/filter', { limit: 'many' })).toMatchObject({ statusCode: 422 })
  })
})

describe('in front of a table of another version', () => {
  const sentence = new RegExp(
    `The table pushpool has format 1, and this version of pushpool needs format ${TABLE_FORMAT}: deploy this version under`,
  )
  async function openOldTable() {
    const aws = await openAws()
    const { client, name } = aws.world.table
    await client.send(new PutItemCommand({ TableName: name, Item: toItem({ ...FORMAT_KEY, format: 1 }) }))
    return aws
  }

  it('the bundled api answers every request with 503 and what to do', async () => {
    const { env } = await openOldTable()
    for (const path of ['/api/health', '/api/work_pools/push', '/api/variables/name/region', '/api/nothing']) {
      const answer = (await invoke('api', { ...env, REQUIRE_KEYS: 'false' }, request(path))) as { body: string }
      expect(answer).toMatchObject({ statusCode: 503 })
      expect(JSON.parse(answer.body)).toMatchObject({ code: 'unavailable', detail: expect.stringMatching(sentence) })
    }
  })

  it.each(['dispatcher', 'sweeper'] as const)('the bundled %s fails its tick, and changes nothing', async (name) => {
    const { world, env, server } = await openOldTable()
    const { deployment } = await pushPool(world, { jobVariables: { command: ['true'], image: 'busybox' } })
    const [run] = await createRuns(world, deployment, 1)
    await expect(invoke(name, env, tick)).rejects.toThrow(sentence)
    expect(await readRun(world, run?.id ?? '')).toEqual(run)
    expect(server.tasks.size).toBe(0)
  })

  it.each(['dispatcher', 'task-events'] as const)('the bundled %s leaves its messages in the queue', async (name) => {
    const { env } = await openOldTable()
    await expect(invoke(name, env, sqsEvent([JSON.stringify({ poolId: 'p' })]))).rejects.toThrow(sentence)
  })
})

it('the bundled functions give a new table its format', async () => {
  const { env, world } = await openAws()
  await deleteItem(world.table, FORMAT_KEY)
  await Promise.all(['dispatcher', 'sweeper'].map((name) => invoke(name as FunctionName, env, tick)))
  expect(await getItem(world.table, FORMAT_KEY)).toMatchObject({ format: TABLE_FORMAT })
})

it('the bundled functions take a run from its tick to its end', async () => {
  const { world, server, env } = await openAws()
  const { deployment } = await pushPool(world, { jobVariables: { command: ['true'], image: 'busybox' } })
  const [created] = await createRuns(world, deployment, 1)
  const runId = created?.id ?? ''

  expect(await invoke('authorizer', env, { rawPath: '/api/work_pools/filter' })).toEqual({
    isAuthorized: true,
    context: {},
  })
  const stranger = (await invoke('api', env, request('/api/work_pools/push'))) as APIGatewayProxyStructuredResultV2
  expect(stranger).toMatchObject({
    statusCode: 401,
    body: expect.stringContaining('"exception_message":"Unauthorized"'),
  })
  const health = (await invoke('api', env, request('/api/health'))) as APIGatewayProxyStructuredResultV2
  expect(health).toMatchObject({ statusCode: 200, body: 'true' })

  expect(await invoke('dispatcher', env, tick)).toEqual({ batchItemFailures: [] })
  const { launch, life, state } = await readRun(world, runId)
  const task = server.tasks.get(launch?.taskArn ?? '')
  expect(state.type).toBe('PENDING')
  expect(task).toMatchObject({ startedBy: `${runId}/${life}/1` })
  expect(await invoke('sweeper', env, tick)).toMatchObject({ failures: 0, drift: 0 })

  const detail = { ...task, lastStatus: 'STOPPED', version: 9, containers: [{ name: 'main', exitCode: 0 }] }
  const event = { source: 'aws.ecs', 'detail-type': 'ECS Task State Change', detail }
  expect(await invoke('task-events', env, sqsEvent([JSON.stringify(event)]))).toEqual({ batchItemFailures: [] })
  expect((await readRun(world, runId)).state.type).toBe('COMPLETED')
})
