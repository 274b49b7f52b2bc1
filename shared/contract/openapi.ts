import * as z from 'zod/mini'
import { OPEN_PATHS } from '#shared/api-key/scope.ts'
import { VERSION } from '#shared/version.ts'
import type { Endpoint } from './endpoint.ts'
import { OPERATIONS } from './endpoints.ts'

type Json = Record<string, unknown>

const STATUS_TEXT: Record<number, string> = { 200: 'Success', 201: 'Created', 202: 'Accepted', 204: 'Done' }

/** Errors that any operation may answer; what each needs to happen is told in its description. */
const ERRORS: Record<string, { name: string; description: string }> = {
  401: { name: 'Unauthorized', description: 'No key was shown, or none that is in force.' },
  403: { name: 'Forbidden', description: 'The key does not allow this, or the name is reserved.' },
  404: { name: 'NotFound', description: 'Something that the request names does not exist.' },
  409: { name: 'Conflict', description: 'It exists already, or its present state does not allow this.' },
  413: { name: 'TooLarge', description: 'The request is larger than what can be kept.' },
  422: { name: 'Invalid', description: 'A field of the request holds what it can not; the answer names it.' },
  503: { name: 'Unavailable', description: 'The service is busy; the same request may succeed after a moment.' },
}

/** Errors that few operations may answer, which then say so. */
const RARE_ERRORS: typeof ERRORS = {
  410: { name: 'Gone', description: 'What the request names has run out or was given back.' },
  423: { name: 'Locked', description: 'Too few slots are left; the header Retry-After says when to ask again.' },
}

/** The OpenAPI 3.1 document of the REST API, made from the very schemas that requests are checked with. */
export function buildOpenApi(): Json {
  const schemas: Json = { Error: ERROR_SCHEMA, InvalidRequest: INVALID_SCHEMA }
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
      description: "Work pools on serverless AWS. The paths and shapes are those of Prefect's REST API.",
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
      schemas,
      responses: Object.fromEntries(
        Object.values({ ...ERRORS, ...RARE_ERRORS }).map((each) => [each.name, errorResponse(each)]),
      ),
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
  const parameters = [
    ...parametersOf(endpoint.params, 'path', schemas),
    ...parametersOf(endpoint.query, 'query', schemas),
  ]
  const success: Json = { description: STATUS_TEXT[status] }
  if (reply) success.content = contentOf(plainText ? 'text/plain' : JSON_TYPE, schemaOf(reply, 'output', schemas))
  return {
    operationId: name,
    tags: [tag],
    summary,
    ...(OPEN_PATHS.includes(endpoint.path) ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: bodyOf(body, schemas) } : {}),
    responses: {
      [status]: success,
      ...Object.fromEntries(
        Object.entries({ ...ERRORS, ...RARE_ERRORS })
          .filter(([code]) => code in ERRORS || endpoint.refusals?.some((each) => String(each) === code))
          .map(([code, { name: ref }]) => [code, refTo('responses', ref)]),
      ),
    },
  }
}

/** A body is required when an empty one, which counts as `{}`, would be refused. */
function bodyOf(body: z.ZodMiniType, schemas: Json): Json {
  return { required: !z.safeParse(body, {}).success, content: jsonContent(schemaOf(body, 'input', schemas)) }
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

/** A schema as the document has it: what has a name goes to the document's own schemas, once, and is referred to. */
function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output', schemas: Json): Json {
  const text = JSON.stringify(z.toJSONSchema(schema, { io, unrepresentable: 'any' }))
  const document = JSON.parse(text.replaceAll('"#/$defs/', '"#/components/schemas/')) as Json
  const { $schema: _, $defs, ...own } = document
  Object.assign(schemas, $defs)
  return own
}

const refTo = (kind: 'schemas' | 'responses', name: string): Json => ({ $ref: `#/components/${kind}/${name}` })
const JSON_TYPE = 'application/json'
const contentOf = (type: string, schema: Json): Json => ({ [type]: { schema } })
const jsonContent = (schema: Json): Json => contentOf(JSON_TYPE, schema)

function errorResponse({ name, description }: { name: string; description: string }): Json {
  const schema = refTo('schemas', name === 'Invalid' ? 'InvalidRequest' : 'Error')
  return { description, content: jsonContent(schema) }
}

const ERROR_SCHEMA: Json = {
  type: 'object',
  properties: { detail: { type: 'string' }, exception_message: { type: 'string' } },
}
const INVALID_SCHEMA: Json = {
  type: 'object',
  properties: {
    detail: { type: 'string' },
    exception_message: { type: 'string' },
    exception_detail: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          type: { type: 'string' },
          loc: { type: 'array', items: { type: ['string', 'integer'] } },
          msg: { type: 'string' },
          input: {},
        },
      },
    },
    request_body: {},
  },
}
