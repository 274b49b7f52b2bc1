import { afterAll, beforeAll, expect, it } from 'vitest'
import { OPERATIONS } from '#shared/contract/endpoints.ts'
import { buildOpenApi, documentPath } from '#shared/contract/openapi.ts'
import { API_BASE, createApi, createOtherApi } from '../../../functions/api/app.ts'
import { api, type Json } from '../../support/api.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const ID = '00000000-0000-4000-8000-000000000000'
const document: Json = buildOpenApi()
const operations = Object.entries<Json>(document.paths).flatMap(([path, item]) =>
  Object.entries<Json>(item).map(([method, operation]) => ({ path, method, operation })),
)

it('lists exactly the routes that are served', async () => {
  const routes = [...createApi(world).routes, ...(await createOtherApi(world)).routes]
  const served = routes
    .filter((route) => route.method !== 'ALL')
    .map((route) => `${route.method} ${documentPath(route.path.slice(API_BASE.length))}`)
  const listed = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`)
  expect(listed.toSorted()).toEqual([...new Set(served)].toSorted())
})

it('has no core route that shadows another', async () => {
  const core = createApi(world)
  const matches = (method: string, path: string) => core.router.match(method, path)[0].length
  for (const { method, path } of (await createOtherApi(world)).routes) {
    if (method === 'ALL') continue
    expect(matches(method, path.replace(/:\w+/g, ID)), `${method} ${path}`).toBe(matches(method, `${API_BASE}/nothing`))
  }
  expect(matches('GET', `${API_BASE}/flow_runs/${ID}`)).toBeGreaterThan(matches('GET', `${API_BASE}/nothing`))
})

it('names every operation and every parameter once', () => {
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(OPERATIONS.length)
  for (const { path, operation } of operations) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
    const declared = (operation.parameters ?? []).filter((each: Json) => each.in === 'path')
    expect(declared.map((each: Json) => each.name).toSorted()).toEqual(inPath.toSorted())
  }
})

it('has no reply for status 204, and one for every other', () => {
  const without = OPERATIONS.filter(({ endpoint }) => endpoint.reply === undefined).map(({ name }) => name)
  expect(without).toEqual(OPERATIONS.filter(({ endpoint }) => endpoint.status === 204).map(({ name }) => name))
})

it('has no dangling references', () => {
  const text = JSON.stringify(document)
  expect(text).not.toContain('$defs')
  for (const [, kind, name] of text.matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
    expect(document.components[kind ?? ''], `${kind}/${name}`).toHaveProperty(name ?? '')
  }
})

it('lists the errors of every operation', () => {
  for (const { operation } of operations) {
    expect(Object.keys(operation.responses)).toEqual(
      expect.arrayContaining(['401', '403', '404', '409', '413', '422', '503']),
    )
  }
})

it('is served, identical each time', async () => {
  const { body, status } = await api(world).get('/openapi.json')
  expect(status).toBe(200)
  expect(body).toEqual(JSON.parse(JSON.stringify(document)))
  expect(body.openapi).toBe('3.1.0')
})
