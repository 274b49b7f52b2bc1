/**
 * The schema of schemas, draft 2020-12, with its vocabularies in one and without its notes. The order of its members is
 * the order in which violations are found.
 */
const SCHEMA = { $ref: '#' }
const SCHEMAS = { type: 'array', minItems: 1, items: SCHEMA }
const NAMED_SCHEMAS = { type: 'object', additionalProperties: SCHEMA }
const TEXT = { type: 'string' }
const TEXTS = { type: 'array', items: TEXT, uniqueItems: true }
const NUMBER = { type: 'number' }
const COUNT = { type: 'integer', minimum: 0 }
const SWITCH = { type: 'boolean' }
const LIST = { type: 'array' }
const ANCHOR = { type: 'string', pattern: '^[A-Za-z_][-A-Za-z0-9._]*$' }
const TYPE = { enum: ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'] }

export const META_SCHEMA = {
  type: ['object', 'boolean'],
  properties: {
    $id: { type: 'string', pattern: '^[^#]*#?$' },
    $schema: TEXT,
    $ref: TEXT,
    $anchor: ANCHOR,
    $dynamicRef: TEXT,
    $dynamicAnchor: ANCHOR,
    $comment: TEXT,
    $defs: NAMED_SCHEMAS,
    prefixItems: SCHEMAS,
    items: SCHEMA,
    contains: SCHEMA,
    additionalProperties: SCHEMA,
    properties: NAMED_SCHEMAS,
    patternProperties: { ...NAMED_SCHEMAS, propertyNames: { format: 'regex' } },
    dependentSchemas: NAMED_SCHEMAS,
    propertyNames: SCHEMA,
    if: SCHEMA,
    // oxlint-disable-next-line unicorn/no-thenable -- the name of a keyword
    then: SCHEMA,
    else: SCHEMA,
    allOf: SCHEMAS,
    anyOf: SCHEMAS,
    oneOf: SCHEMAS,
    not: SCHEMA,
    unevaluatedItems: SCHEMA,
    unevaluatedProperties: SCHEMA,
    type: { anyOf: [TYPE, { type: 'array', items: TYPE, minItems: 1, uniqueItems: true }] },
    enum: LIST,
    multipleOf: { type: 'number', exclusiveMinimum: 0 },
    maximum: NUMBER,
    exclusiveMaximum: NUMBER,
    minimum: NUMBER,
    exclusiveMinimum: NUMBER,
    maxLength: COUNT,
    minLength: COUNT,
    pattern: { type: 'string', format: 'regex' },
    maxItems: COUNT,
    minItems: COUNT,
    uniqueItems: SWITCH,
    maxContains: COUNT,
    minContains: COUNT,
    maxProperties: COUNT,
    minProperties: COUNT,
    required: TEXTS,
    dependentRequired: { type: 'object', additionalProperties: TEXTS },
    title: TEXT,
    description: TEXT,
    deprecated: SWITCH,
    readOnly: SWITCH,
    writeOnly: SWITCH,
    examples: LIST,
    format: TEXT,
    contentEncoding: TEXT,
    contentMediaType: TEXT,
    contentSchema: SCHEMA,
    definitions: NAMED_SCHEMAS,
    dependencies: { type: 'object', additionalProperties: { anyOf: [SCHEMA, TEXTS] } },
  },
}
