import { describe, expect, it } from 'vitest'
import { type ConformOptions, nonconformity } from '#shared/json-schema/conform.ts'
import { SchemaError } from '#shared/json-schema/schema-error.ts'

type Json = Record<string, unknown>

const reasonOf = (value: unknown, schema: Json, options?: ConformOptions) =>
  nonconformity(value, schema, options)?.replace('Failure reason: ', '')
const object = (properties: Json, rest: Json = {}) => ({ type: 'object', properties, ...rest })

/** What Prefect 3.9.1 reported for the same, verbatim. */
const SAID: [Json, Json, ConformOptions, string | undefined][] = [
  [
    object({ x: { type: 'integer' } }, { required: ['x'] }),
    { x: 'a' },
    {},
    "Validation failed for field 'x'. 'a' is not of type 'integer'",
  ],
  [
    object({ x: { type: 'integer' } }),
    { x: 'a' },
    {},
    "Validation failed for field 'x'. 'a' is not valid under any of the given schemas",
  ],
  [object({ x: { type: 'integer' } }), { x: null }, {}, undefined],
  [
    object({ x: { type: 'integer' } }),
    { x: null },
    { prepare: false },
    "Validation failed for field 'x'. None is not of type 'integer'",
  ],
  [
    object({ x: { type: 'integer', default: 1 } }),
    { x: null },
    {},
    "Validation failed for field 'x'. None is not of type 'integer'",
  ],
  [object({ x: { type: 'integer', default: 1 } }), { x: null }, { nullWithDefault: true }, undefined],
  [object({ x: {} }, { required: ['x'] }), {}, {}, "Validation failed. 'x' is a required property"],
  [object({ x: {} }, { required: ['x'] }), {}, { ignoreRequired: true }, undefined],
  [
    object({ x: {} }, { additionalProperties: false }),
    { b: 1, a: 1 },
    {},
    "Validation failed. Additional properties are not allowed ('a', 'b' were unexpected)",
  ],
  [
    object({ x: { enum: ['a', 'b'] } }),
    { x: "it's" },
    {},
    `Validation failed for field 'x'. "it's" is not one of ['a', 'b']`,
  ],
  [object({ x: { minimum: 1 } }), { x: 0.5 }, {}, "Validation failed for field 'x'. 0.5 is less than the minimum of 1"],
  [object({ x: { minLength: 1 } }), { x: '' }, {}, "Validation failed for field 'x'. '' should be non-empty"],
  [object({ x: { pattern: '^a' } }), { x: 'b' }, {}, "Validation failed for field 'x'. 'b' does not match '^a'"],
  [
    object({ x: { items: { type: 'string' } } }),
    { x: ['a', { b: [true, null] }] },
    {},
    "Validation failed for field 'x[1]'. {'b': [True, None]} is not of type 'string'",
  ],
  [
    object({ x: { items: [{ type: 'string' }, { type: 'integer' }] } }),
    { x: ['a', 'b'] },
    {},
    "Validation failed for field 'x[1]'. 'b' is not of type 'integer'",
  ],
  [
    object({ 'a b': object({ c: { const: 1 } }) }),
    { 'a b': { c: 2 } },
    {},
    `Validation failed for field "$['a b'].c". 1 was expected`,
  ],
  // Of alternatives, the deepest error is reported, unless all are alike.
  [
    { anyOf: [{ type: 'string' }, object({ y: { type: 'string' } }, { required: ['y'] })] },
    { y: 1 },
    { prepare: false },
    "Validation failed for field 'y'. 1 is not of type 'string'",
  ],
  [
    { oneOf: [{ minProperties: 0 }, { maxProperties: 9 }] },
    {},
    {},
    "Validation failed. {} is valid under each of {'maxProperties': 9}, {'minProperties': 0}",
  ],
  [
    { $ref: '#/definitions/A', definitions: { A: { type: 'array' } } },
    {},
    {},
    "Validation failed. {} is not of type 'array'",
  ],
  [{ $ref: 'https://example.com/x.json' }, {}, {}, 'Validation failed. Unresolvable: https://example.com/x.json'],
  [
    { $ref: '#/definitions/None', definitions: {} },
    {},
    {},
    "Validation failed. PointerToNowhere: '/definitions/None' does not exist",
  ],
]

describe('a value and its schema', () => {
  it.each(SAID)('%j judges %j (%j): %s', (schema, value, options, said) => {
    expect(reasonOf(value, schema, options)).toBe(said)
  })

  it('a reference to a block is valid in place of a block', () => {
    const Credentials = { title: 'Credentials', type: 'object', required: ['key'], block_type_slug: 'aws-credentials' }
    const schema = object({ c: { allOf: [{ $ref: '#/definitions/Credentials' }] } }, { definitions: { Credentials } })
    expect(reasonOf({ c: { $ref: { block_document_id: 'x' } } }, schema)).toBeUndefined()
    expect(reasonOf({ c: { key: 'x' } }, schema)).toBeUndefined()
    expect(reasonOf({ c: {} }, schema)).toContain("for field 'c'")
  })

  it('annotations are ignored: formats and unknown keywords', () => {
    const notes = { format: 'email', 'x-order': 5, discriminator: { propertyName: 'y' }, $comment: 'none' }
    expect(reasonOf({ x: 'no mail' }, object({ x: { type: 'string', ...notes } }))).toBeUndefined()
  })

  it('large values are abbreviated in errors', () => {
    const reason = reasonOf({ x: 'a'.repeat(400_000) }, object({ x: { type: 'integer' } }, { required: ['x'] })) ?? ''
    expect(reason.length).toBeLessThan(1_200)
  })
})

describe('an invalid schema', () => {
  const troubleOf = (schema: Json): string => {
    try {
      return `no trouble: ${nonconformity({ x: 'text' }, schema)}`
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error
      return `${error.kind}: ${error.message}`
    }
  }

  it.each<[Json, string]>([
    [{ type: 'strin' }, "invalid: Invalid schema: 'strin' is not valid under any of the given schemas"],
    [{ properties: 5 }, "invalid: Invalid schema: 5 is not of type 'object'"],
    [{ required: 'x' }, "invalid: Invalid schema: 'x' is not of type 'array'"],
    [{ properties: { x: { minLength: -1 } } }, 'invalid: Invalid schema: -1 is less than the minimum of 0'],
    [{ properties: { x: { pattern: '(' } } }, "invalid: Invalid schema: '(' is not a 'regex'"],
    [{ anyOf: [] }, 'invalid: Invalid schema: [] should be non-empty'],
    [{ $ref: '#' }, 'circular: Invalid schema: Unable to validate schema with circular references.'],
    [
      { properties: { x: { $ref: '#/$defs/a' } }, $defs: { a: { not: { $ref: '#/$defs/a' } } } },
      'circular: Invalid schema: Unable to validate schema with circular references.',
    ],
  ])('%j is reported: %s', (schema, trouble) => {
    expect(troubleOf(schema)).toBe(trouble)
  })

  it('with lookarounds or backreferences accepts any value there', () => {
    const schema = object({ x: { pattern: '(?=a)b' }, y: { pattern: '^a$' } })
    expect(reasonOf({ x: 'c', y: 'a' }, schema)).toBeUndefined()
    expect(reasonOf({ x: 'c', y: 'b' }, schema)).toContain("for field 'y'")
  })

  it('with references outside itself, or to Object.prototype, is rejected', () => {
    expect(troubleOf({ $ref: '#/constructor/prototype' })).toContain('PointerToNowhere')
    expect(troubleOf({ properties: { x: { $ref: '#/__proto__' } } })).toContain('PointerToNowhere')
  })
})

/** Schemas made to keep a server busy for hours or forever. */
describe('a hostile schema', () => {
  const doubled = (levels: number) =>
    Object.fromEntries(
      Array.from({ length: levels }, (_, n) => [
        `d${n}`,
        { allOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] },
      ]),
    )
  const patterns = (n: number) => Array.from({ length: n }, (_, at) => ({ pattern: `(a*)*b${at}` }))
  const times = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n))
  const big = times(50_000, (n) => `${n}`)
  const long = { x: 'a'.repeat(400_000) }

  it.each<[string, Json, unknown]>([
    ['a long pattern on a long text', object({ x: { pattern: '(a|b?){400}c' } }), { x: 'ab'.repeat(200_000) }],
    ['many patterns on a long text', object({ x: { allOf: patterns(200) } }), { x: 'a'.repeat(400_000) }],
    ['references that multiply', { $ref: '#/$defs/d0', $defs: { ...doubled(60), d60: {} } }, {}],
    [
      'large enums',
      object({ x: { items: { allOf: Array.from({ length: 500 }, () => ({ enum: big })) } } }),
      { x: big },
    ],
    [
      'large values to compare',
      object({ x: { allOf: Array.from({ length: 5_000 }, () => ({ uniqueItems: true })) } }),
      { x: big },
    ],
    [
      'as many patterns as names',
      { patternProperties: Object.fromEntries(times(20_000, (n) => [`^x${n}`, {}])) },
      Object.fromEntries(big.map((name) => [name, 1])),
    ],
    ['many patterns that match at once', object({ x: { allOf: times(5_000, () => ({ pattern: '^a' })) } }), long],
    [
      'many patterns that are long when parsed',
      object({ x: { allOf: times(5_000, (n) => ({ pattern: `x{2400}${n}` })) } }),
      long,
    ],
    [
      'dependencies of missing members',
      object({ x: { items: { dependentSchemas: Object.fromEntries(big.map((name) => [name, {}])) } } }),
      { x: times(5_000, () => ({})) },
    ],
    [
      'many unknown keywords',
      object({ x: { items: Object.fromEntries(big.map((name) => [`x-${name}`, 1])) } }),
      { x: big },
    ],
    [
      'many members to count',
      object({ x: { allOf: times(5_000, () => ({ minProperties: 1 })) } }),
      { x: Object.fromEntries(big.map((name) => [name, 1])) },
    ],
  ])('is abandoned: %s', (_what, schema, value) => {
    expect(() => nonconformity(value, schema, { prepare: false })).toThrow(SchemaError)
  })

  it('is not confused with one that is only large', () => {
    const items = { type: 'object', properties: { id: { type: 'integer' }, tag: { type: 'string', pattern: '^t' } } }
    const value = { x: Array.from({ length: 5_000 }, (_, id) => ({ id, tag: `t${id}` })) }
    expect(nonconformity(value, object({ x: { type: 'array', items } }))).toBeUndefined()
  })
})
