import { expect, it } from 'vitest'
import { SchemaError } from '#shared/json-schema/schema-error.ts'
import { defaultBlockIds, variablesProblem } from '#shared/work-pool/job-variables.ts'

const BLOCK_ID = '0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f0000'
const templateOf = (properties: Record<string, unknown>, required: string[] = []) => ({
  variables: { type: 'object', properties, required },
})
const STRICT = { required: true, passOverDefaults: false }
const problemOf = (
  template: Record<string, unknown>,
  layers: Record<string, unknown>[] = [],
  strictness: Partial<typeof STRICT> = {},
  blocks = new Map<string, Record<string, unknown>>(),
) => variablesProblem(template, blocks, layers, { ...STRICT, ...strictness })

const NUMBER = { type: 'integer' }

it.each([{}, { variables: {} }, { variables: 'none' }])(
  'without a schema, as in %j, any variables will do',
  (template) => {
    expect(problemOf(template, [{ a: 'x' }])).toBeUndefined()
  },
)

it('a schema that is none is refused', () => {
  expect(() => problemOf({ variables: { type: 'nonsense' } })).toThrow(SchemaError)
  expect(() => problemOf({ variables: { type: 'nonsense' } })).toThrow('Invalid schema: ')
})

it('later layers go over earlier ones, and all of them over the defaults', () => {
  const template = templateOf({ a: { ...NUMBER, default: 1 } })
  expect(problemOf(template)).toBeUndefined()
  expect(problemOf(template, [{ a: 'x' }])).toContain('a')
  expect(problemOf(template, [{ a: 'x' }, { a: 2 }])).toBeUndefined()
  expect(problemOf(template, [{ a: 2 }, { a: 'x' }])).toContain('a')
  expect(problemOf(templateOf({ a: { ...NUMBER, default: 'x' } }), [{ a: 2 }])).toBeUndefined()
})

it('what is required must be there once a run has all its variables', () => {
  const template = templateOf({ a: NUMBER }, ['a'])
  expect(problemOf(template)).toContain('a')
  expect(problemOf(template, [], { required: false })).toBeUndefined()
  expect(problemOf(template, [{ a: 1 }])).toBeUndefined()
})

it('a default that violates the schema is an error, or passed over, and then nothing is required', () => {
  const template = templateOf({ a: { ...NUMBER, default: 'x' }, b: NUMBER }, ['a', 'b'])
  expect(problemOf(template, [{ b: 1 }])).toContain('x')
  expect(problemOf(template, [], { passOverDefaults: true })).toBeUndefined()
  expect(problemOf(template, [{ b: 'y' }], { passOverDefaults: true })).toContain('y')
  const sound = templateOf({ a: { ...NUMBER, default: 1 }, b: NUMBER }, ['a', 'b'])
  expect(problemOf(sound, [], { passOverDefaults: true })).toContain('b')
})

it('a default that is a block stands for its data, and other references for nothing', () => {
  const reference = { $ref: { block_document_id: BLOCK_ID } }
  const template = templateOf({
    a: { type: 'object', properties: { n: NUMBER }, default: reference },
    b: { default: 1 },
    c: true,
  })
  expect(defaultBlockIds(template)).toEqual([BLOCK_ID])
  expect(defaultBlockIds({ variables: { properties: 'none' } })).toEqual([])
  expect(defaultBlockIds({})).toEqual([])
  expect(problemOf(template, [], {}, new Map([[BLOCK_ID, { n: 1 }]]))).toBeUndefined()
  expect(problemOf(template, [], {}, new Map([[BLOCK_ID, { n: 'x' }]]))).toContain('x')
  const other = templateOf({ a: { ...NUMBER, default: { $ref: 'elsewhere' } } })
  expect(problemOf(other)).toBeUndefined()
})

it('an object as a default is taken as it is', () => {
  const template = templateOf({ a: { type: 'object', properties: { n: NUMBER }, default: { n: 'x' } } })
  expect(problemOf(template)).toContain('x')
})

it('null stands for a variable that has a default', () => {
  expect(problemOf(templateOf({ a: { ...NUMBER, default: 1 } }), [{ a: null }])).toBeUndefined()
  expect(problemOf(templateOf({ a: { ...NUMBER, default: 1 } }, ['a']), [{ a: null }])).toContain('None')
})
