import { isRecord } from '#shared/json/is-record.ts'

type Json = Record<string, unknown>

/**
 * A schema with the output of older pydantic versions corrected, as Prefect's server does before validating
 * (utilities/schema_tools preprocess_schema): a member that is not required may be null, lists of schemas under `items`
 * stand for positions, and where a block is wanted a reference to one will do.
 */
export function prepareSchema(schema: Json, options: { nullWithDefault: boolean }): Json {
  const prepared = prepareProperties(schema, options.nullWithDefault)
  if (!isRecord(schema.definitions)) return prepared
  const entries = Object.entries(schema.definitions)
  const own = entries.map(([name, each]) => [
    name,
    isRecord(each) ? prepareProperties(each, options.nullWithDefault) : each,
  ])
  const blocks = own.flatMap(([, definition]) => {
    if (!isRecord(definition) || !('block_type_slug' in definition) || typeof definition.title !== 'string') return []
    return [[definition.title, { oneOf: [definition, BLOCK_REFERENCE] }] as const]
  })
  return { ...prepared, definitions: Object.fromEntries([...own, ...blocks]) }
}

/** Where a schema and all within it say what is required, this is dropped; lists are not looked into (as in Prefect). */
export function withoutRequired(schema: unknown): unknown {
  if (!isRecord(schema)) return schema
  const rest = Object.entries(schema).filter(([name]) => name !== 'required')
  return Object.fromEntries(rest.map(([name, member]) => [name, withoutRequired(member)]))
}

/** `{"$ref": id}` or `{"$ref": {"block_document_id": id}}`. */
const BLOCK_REFERENCE = {
  type: 'object',
  properties: {
    $ref: {
      oneOf: [
        { type: 'string', format: 'uuid' },
        { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1 },
      ],
    },
  },
  required: ['$ref'],
}

function prepareProperties(schema: Json, nullWithDefault: boolean): Json {
  if (!isRecord(schema.properties)) return schema
  const required = Array.isArray(schema.required) ? schema.required : []
  const properties = Object.entries(schema.properties).map(([name, member]) => {
    if (!isRecord(member)) return [name, member]
    const mayBeNull = !required.includes(name) && (!('default' in member) || nullWithDefault)
    return [name, prepareProperties(mendItems(mayBeNull ? orNull(member) : member), nullWithDefault)]
  })
  return { ...schema, properties: Object.fromEntries(properties) }
}

function orNull(schema: Json): Json {
  if (!('type' in schema) || schema.type === 'null') return schema
  const { type, ...rest } = schema
  return { ...rest, anyOf: [{ type }, { type: 'null' }] }
}

function mendItems(schema: Json): Json {
  const { items, ...rest } = schema
  if (!Array.isArray(items) || items.length === 0 || (Array.isArray(rest.prefixItems) && rest.prefixItems.length > 0))
    return schema
  return { ...rest, prefixItems: items }
}
