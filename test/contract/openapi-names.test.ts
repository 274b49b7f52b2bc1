import { expect, it } from 'vitest'
import { buildOpenApi } from '#shared/contract/openapi.ts'
import type { Json } from '../support/api.ts'

const document: Json = buildOpenApi()
const operations: Json[] = Object.values<Json>(document.paths).flatMap((item) => Object.values<Json>(item))
const names = Object.keys(document.components.schemas)

const REF = /^#\/components\/schemas\/(\w+)$/
const SCALARS = ['integer', 'boolean', 'string', 'null']

/** A body or reply in a word: the name of its schema, `Name[]` for a list, or the type of a bare value. */
function shapeOf(schema: Json): string | undefined {
  if (schema.$ref) return REF.exec(schema.$ref)?.[1]
  if (schema.type !== 'array') return SCALARS.find((each) => each === schema.type)
  const item = shapeOf(schema.items)
  return item && `${item}[]`
}

const jsonOf = (holder: Json) => holder?.content?.['application/json']?.schema
const bodies = operations.flatMap(({ operationId, requestBody }) =>
  requestBody ? [{ operationId, shape: shapeOf(jsonOf(requestBody)) ?? '' }] : [],
)
const replies = operations.flatMap(({ operationId, responses }) => {
  const success = Object.entries<Json>(responses).find(([status]) => status.startsWith('2'))
  const schema = jsonOf(success?.[1])
  return schema ? [{ operationId, shape: shapeOf(schema) }] : []
})

it('names every request body after its operation, and the items of list bodies', () => {
  expect(bodies.filter(({ shape }) => !/^[A-Z]\w+(Request|Input\[\])$/.test(shape))).toEqual([])
})

it('names every reply but bare values', () => {
  expect(replies.filter(({ shape }) => shape === undefined)).toEqual([])
  expect(replies.find(({ operationId }) => operationId === 'listWorkPools')).toMatchObject({ shape: 'WorkPool[]' })
})

it('writes names in PascalCase, nouns first', () => {
  expect(names.filter((name) => !/^(?:[A-Z][a-z]+(?:V2)?)+$/.test(name))).toEqual([])
  expect(names.filter((name) => /^(?:Create|Update|Delete|List|Get|Set|Count)[A-Z]/.test(name))).toEqual([])
})

it('shares a request body only between operations that do the same', () => {
  const users = Map.groupBy(bodies, ({ shape }) => shape)
  const shared = [...users].filter(([, each]) => each.length > 1)
  expect(Object.fromEntries(shared.map(([name, each]) => [name, each.map(({ operationId }) => operationId)]))).toEqual({
    WorkQueueCreateRequest: ['createWorkQueue', 'createLegacyWorkQueue'],
    WorkQueueListRequest: ['listWorkQueues', 'listAllWorkQueues'],
    WorkQueueUpdateRequest: ['updateWorkQueue', 'updateWorkQueueById'],
    StateProposalRequest: ['setFlowRunState', 'setTaskRunState'],
    TagSlotRequest: ['acquireTagSlots', 'releaseTagSlots'],
    VariableUpdateRequest: ['updateVariable', 'updateVariableByName'],
    ArtifactListRequest: ['listArtifacts', 'listLatestArtifacts'],
  })
})

it('references every schema that it names', () => {
  const text = JSON.stringify(document)
  expect(names.filter((name) => !text.includes(`"#/components/schemas/${name}"`))).toEqual([])
})

/** Every member of an object, and every parameter, with its schema; of nullable ones the schema that is not null. */
function* members(node: Json): Generator<[name: string, schema: Json]> {
  if (typeof node !== 'object' || node === null) return
  if (node.in && node.schema) yield [node.name, node.schema]
  for (const [name, schema] of Object.entries<Json>(node.properties ?? {})) {
    yield [name, schema.anyOf?.find((each: Json) => each.type !== 'null') ?? schema]
  }
  for (const each of Object.values<Json>(node)) yield* members(each)
}

const all = [...members({ ...document.paths, ...document.components.schemas })]
const formatless = (fits: RegExp, format: string) =>
  all.filter(([name, { type, format: its }]) => fits.test(name) && [type].flat()[0] === 'string' && its !== format)

it('marks every id as a UUID, except those that are not', () => {
  // Ids of API keys and of what limits a run (which may be a worker's name), and ids that Prefect's clients make up.
  const others = ['ApiKey', 'NewApiKey', 'LimitUse'].map((name) => document.components.schemas[name].properties.id)
  const revoke = document.paths['/api_keys/{id}'].delete.parameters[0].schema
  expect(all.filter(([, { format }]) => format === 'uuid').length).toBeGreaterThan(100)
  const without = formatless(/^id$|_id$/, 'uuid').filter(([, schema]) => ![...others, revoke].includes(schema))
  expect(without).toEqual([])
})

it('marks every instant as a date-time', () => {
  expect(
    formatless(/^(created|updated|timestamp)$|_(time|at|timestamp|polled|before|after|date)$/, 'date-time'),
  ).toEqual([])
})
