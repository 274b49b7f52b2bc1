import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod/mini'
import { SCOPES, type Scope, type ScopeRule } from '#shared/api-key/scope.ts'
import { VERSION } from '#shared/version.ts'
import type { Endpoint } from './endpoint.ts'
import { OPERATIONS } from './endpoints.ts'
import type { Example } from './examples/example.ts'
import { EXAMPLES } from './examples/examples.ts'
import { ERROR_SCHEMAS, errorComponents, errorResponses } from './openapi-errors.ts'

type Json = Record<string, unknown>

const STATUS_TEXT: Record<number, string> = { 200: 'Success', 201: 'Created', 202: 'Accepted', 204: 'Done' }

const DESCRIPTION = `Work pools on serverless AWS. The paths and shapes are those of Prefect's REST API.

Each scope includes those before it: ${SCOPES.map((scope) => `\`${scope}\``).join(', ')}. \`x-required-scope\` is the least that an
operation takes. (It is an extension since OpenAPI's scopes are unordered sets, and undefined for keys that are not OAuth tokens.)`

/** The OpenAPI 3.1 document of the REST API, generated from the schemas that requests are validated with. */
export function buildOpenApi(): Json {
  const schemas: Json = { ...ERROR_SCHEMAS }
  const paths: Record<string, Json> = {}
  for (const { name, endpoint } of OPERATIONS) {
    const path = documentPath(endpoint.path)
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(name, endpoint, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'pushpool',
      version: VERSION,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api', description: 'This service' }],
    security: [{ bearer: [] }, { basic: [] }],
    tags: [...new Set(OPERATIONS.map(({ endpoint }) => endpoint.tag))].map((name) => ({
      name,
      description: `${name}.`,
    })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      responses: errorComponents(),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key.' },
        basic: { type: 'http', scheme: 'basic', description: 'An API key as the password, or alone.' },
      },
    },
  }
}

/** An endpoint's path as the document has it; the service takes each with and without a slash at its end. */
export function documentPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}').replace(/(.)\/$/, '$1')
}

function operation(name: string, endpoint: Endpoint, schemas: Json): Json {
  const { tag, summary, status, body, reply, plainText } = endpoint
  const example: Example = EXAMPLES[name] ?? {}
  const parameters = [
    ...parametersOf(endpoint.params, 'path', schemas),
    ...parametersOf(endpoint.query, 'query', schemas),
  ]
  const success: Json = { description: STATUS_TEXT[status] }
  if (reply) {
    const type = plainText ? 'text/plain' : JSON_TYPE
    success.content = { [type]: { schema: schemaOf(reply, 'output', schemas), example: example.reply } }
  }
  return {
    operationId: name,
    tags: [tag],
    summary,
    ...scopeOf(endpoint),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: bodyOf(body, example.body, schemas) } : {}),
    responses: { [status]: success, ...errorResponses(endpoint.refusals) },
  }
}

/** An operation's key requirements. */
function scopeOf({ scope, widerFor }: ScopeRule): Json {
  if (scope === null) return { security: [] }
  const wider = widerFor && ` A body with ${anyOf(widerFor.members)} ${needs(widerFor.scope)}.`
  return { description: `This ${needs(scope)}.${wider ?? ''}`, 'x-required-scope': scope }
}

const needs = (scope: Scope) => `needs a key of scope \`${scope}\`${scope === SCOPES.at(-1) ? '' : ' or wider'}`
const anyOf = (names: readonly string[]) =>
  new Intl.ListFormat('en', { type: 'disjunction' }).format(names.map((name) => `\`${name}\``))

/** A body is required when an empty one, which counts as `{}`, would be refused. */
function bodyOf(body: z.ZodMiniType, example: unknown, schemas: Json): Json {
  return {
    required: !z.safeParse(body, {}).success,
    content: { [JSON_TYPE]: { schema: schemaOf(body, 'input', schemas), example } },
  }
}

function parametersOf(schema: z.ZodMiniType | undefined, place: 'path' | 'query', schemas: Json): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input', schemas) as {
    properties?: Json
    required?: string[]
  }
  return Object.entries(properties).map(([name, each]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: each,
  }))
}

/** A schema as the document has it: named schemas are listed once and referenced. */
function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output', schemas: Json): Json {
  const text = JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: 'any', override: closeFilter }))
  const document = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as Json
  const { $schema: _, $defs, ...own } = document as { $schema: string; $defs?: Json }
  for (const [name, definition] of Object.entries($defs ?? {})) {
    if (name in schemas && !isDeepStrictEqual(schemas[name], definition))
      throw new Error(`Two schemas are named ${name}.`)
    schemas[name] = definition
  }
  return own
}

/**
 * Filters take unknown members that are null, for the sake of Prefect's clients. The document omits this: no TypeScript
 * value has the type "these members, and else null".
 */
function closeFilter({ jsonSchema }: { jsonSchema: { additionalProperties?: unknown } }): void {
  if (isDeepStrictEqual(jsonSchema.additionalProperties, { type: 'null' })) jsonSchema.additionalProperties = false
}

const JSON_TYPE = 'application/json'
