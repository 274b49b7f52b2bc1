import { isDeepStrictEqual } from 'node:util'
import { type AttributeValue, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requestOf } from '#shared/client/request.ts'
import { OPERATIONS } from '#shared/contract/endpoints.ts'
import { createApiHandler } from '../../../functions/api/handler.ts'
import { createAuthorizer } from '../../../functions/authorizer/handler.ts'
import { type Gateway, openGateway } from '../../../local/gateway/gateway.ts'
import { readTarget } from '../../../local/gateway/target.ts'
import { api } from '../../support/api.ts'
import { awsRawPath } from '../../support/aws-raw-path.ts'
import { goodBodies, goodParams, type Stage, setStage } from '../../support/fixtures/good-requests.ts'
import { oddSegments } from '../../support/fixtures/odd-segments.ts'
import { RawConnection } from '../../support/raw-connection.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
let stage: Stage
let gateway: Gateway
let connection: RawConnection
let handle: ReturnType<typeof createApiHandler>
beforeAll(async () => {
  world = await openWorld()
  const http = api(world)
  stage = await setStage(world, http)
  const victims = {
    '/work_pools/': { name: 'prod', type: 'process' },
    '/work_pools/prod/queues': { name: 'prod' },
    '/variables/': { name: 'keep', value: 1 },
    '/v2/concurrency_limits/': { name: 'keep', limit: 1 },
    [`/flow_runs/${stage.runId}/input`]: { key: 'q', value: '1' },
  }
  for (const [path, body] of Object.entries(victims)) await http.post(path, body)
  handle = createApiHandler(world)
  gateway = await openGateway({ port: 0, log: world.log })
  gateway.serve({ api: handle, authorizer: createAuthorizer(world) })
  connection = new RawConnection(gateway.port)
})
afterAll(async () => {
  connection.close()
  await gateway.close()
  await world.close()
})

/** All that is stored, by its keys. */
async function stored(): Promise<Map<string, Record<string, AttributeValue>>> {
  const { client, name: TableName } = world.table
  const items: Record<string, AttributeValue>[] = []
  let from: Record<string, AttributeValue> | undefined
  do {
    const page: ScanCommandOutput = await client.send(
      new ScanCommand({ TableName, ExclusiveStartKey: from, ConsistentRead: true }),
    )
    items.push(...(page.Items ?? []))
    from = page.LastEvaluatedKey
  } while (from)
  return new Map(items.map((item) => [`${item.pk?.S} ${item.sk?.S}`, item]))
}

const routes = OPERATIONS.filter(({ endpoint }) => endpoint.path.includes(':')).map(({ name, endpoint }) => ({
  name,
  method: endpoint.method,
  path: endpoint.path,
  parameters: [...endpoint.path.matchAll(/:(\w+)/g)].map(([, parameter = '']) => parameter),
}))
type Route = (typeof routes)[number]

/** Every target of a route with an odd segment in place of one parameter; the others name what exists. */
function oddTargets({ path, parameters }: Route): { target: string; segment: string }[] {
  const good = goodParams(path, stage)
  return parameters.flatMap((odd) =>
    oddSegments(good[odd] ?? '').map((segment) => ({
      segment,
      target: `/api${path.replace(/:(\w+)/g, (_, name: string) => (name === odd ? segment : (good[name] ?? '')))}`,
    })),
  )
}

const bodyOf = ({ name, method }: Route) => (method === 'GET' ? undefined : (goodBodies(stage)[name] ?? {}))

/** Sends what is odd to a route; returns the targets that were neither 400 nor 404, and what changed. */
async function faults(route: Route, send: (target: string) => Promise<number>, targets: string[]): Promise<string[]> {
  const before = await stored()
  const found: string[] = []
  for (const target of targets) {
    const status = await send(target)
    // With nothing after its last slash this is another operation, which needs a query.
    if (/^GET .*_states\/\s*$/.test(`${route.method} ${target}`) && status === 422) continue
    if (status !== 400 && status !== 404) found.push(`${route.method} ${target} -> ${status}`)
  }
  const after = await stored()
  for (const key of new Set([...before.keys(), ...after.keys()]))
    if (!isDeepStrictEqual(before.get(key), after.get(key))) found.push(`${key} changed`)
  return found
}

/** Sends an event as API Gateway makes it. */
async function sendEvent(route: Route, rawPath: string): Promise<number> {
  const body = bodyOf(route)
  const event = {
    version: '2.0',
    rawPath,
    rawQueryString: '',
    headers: {},
    requestContext: { http: { method: route.method, path: rawPath } },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  }
  return (await handle(event as unknown as APIGatewayProxyEventV2)).statusCode ?? 200
}

/**
 * Whether API Gateway makes of a target what it makes of another one that names something else plainly: it decodes a
 * slash, and cuts the path at a decoded question mark.
 */
function isLostOnAws(target: string, segment: string): boolean {
  if (!/%(2f|3f)/i.test(segment)) return false
  return typeof readTarget(encodeURI(awsRawPath(target)).replaceAll('#', '%23')) === 'object'
}

it('has victims that odd paths could reach', async () => {
  expect((await stored()).size).toBeGreaterThan(30)
  for (const path of ['/work_pools/prod', '/work_pools/prod/queues/prod', '/variables/name/keep'])
    expect(await connection.send('GET', `/api${path}`)).toBe(200)
})

describe('a path with an odd segment is 400 or 404, and changes nothing', () => {
  it.each(routes)('$name, over a socket', async (route) => {
    const body = bodyOf(route)
    const targets = oddTargets(route).map(({ target }) => target)
    expect(await faults(route, (target) => connection.send(route.method, target, body), targets)).toEqual([])
  })

  it.each(routes)('$name, as an event of API Gateway', async (route) => {
    const targets = oddTargets(route).filter(({ target, segment }) => !isLostOnAws(target, segment))
    const paths = targets.map(({ target }) => awsRawPath(target))
    expect(await faults(route, (rawPath) => sendEvent(route, rawPath), paths)).toEqual([])
  })
})

describe('what API Gateway loses before it calls the service', () => {
  it.each([
    ['/api/variables/name/keep%3fx', '/api/variables/name/keep'],
    ['/api/variables/name/keep%2f', '/api/variables/name/keep/'],
    ['/api/work_pools/prod%2fqueues%2fprod', '/api/work_pools/prod/queues/prod'],
    ['/api/work_pools/prod%3f/queues/prod', '/api/work_pools/prod'],
  ])('%s arrives as the plain request for %s, which no one can tell from it', (target, rawPath) => {
    expect(awsRawPath(target)).toBe(rawPath)
  })

  it('is refused by one machine, and never sent by the client', async () => {
    let lost = 0
    for (const route of routes) {
      for (const { target, segment } of oddTargets(route).filter((each) => isLostOnAws(each.target, each.segment))) {
        lost += 1
        expect([target, await connection.send(route.method, target, bodyOf(route))]).toEqual([target, 400])
        const members = Object.fromEntries(route.parameters.map((name) => [name, decodeURIComponent(segment)]))
        expect(() => requestOf({ method: route.method, path: route.path, body: true }, members)).toThrow(TypeError)
      }
    }
    expect(lost).toBeGreaterThan(routes.length)
  })
})
