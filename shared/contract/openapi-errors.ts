import type { ErrorCode } from '#shared/errors.ts'
import { ERROR_CODES, ERROR_STATUS } from './error-status.ts'

type Json = Record<string, unknown>

interface ErrorResponse {
  name: string
  description: string
  /** The code and message of its example. */
  example: [code: ErrorCode, message: string]
}

/** Errors that any operation may answer. */
const ERRORS: Record<number, ErrorResponse> = {
  400: {
    name: 'Malformed',
    description: 'The request is malformed, or names a variable that does not exist.',
    example: ['malformed', 'The request body is not valid JSON.'],
  },
  401: {
    name: 'Unauthorized',
    description: 'The API key is missing, invalid, expired or revoked.',
    example: ['unauthorized', 'Unauthorized'],
  },
  403: {
    name: 'Forbidden',
    description: 'The key does not allow this, or the name is reserved.',
    example: ['insufficient_scope', 'This needs a key of scope "admin".'],
  },
  404: {
    name: 'NotFound',
    description: 'Something named in the request does not exist.',
    example: ['not_found', "Work pool 'main' not found."],
  },
  409: {
    name: 'Conflict',
    description: 'It already exists, or its current state does not allow this.',
    example: ['already_exists', "Work pool 'main' already exists."],
  },
  413: {
    name: 'TooLarge',
    description: 'The request is too large to store.',
    example: ['too_large', 'The request body is larger than 1000000 bytes.'],
  },
  422: {
    name: 'Invalid',
    description: 'A field of the request is invalid; the response names it.',
    example: ['invalid', 'body.concurrency_limit: Too small: expected number to be >=0'],
  },
  500: {
    name: 'InternalError',
    description: 'The service failed; its log has the cause.',
    example: ['internal', 'Internal Server Error'],
  },
  503: {
    name: 'Unavailable',
    description: 'The service is busy; the same request may succeed shortly.',
    example: ['unavailable', 'The service is busy; retry.'],
  },
}

/** Errors that few operations may answer, which then say so. */
const RARE_ERRORS: typeof ERRORS = {
  410: {
    name: 'Gone',
    description: 'The lease has expired or was released.',
    example: ['gone', 'Lease not found - it may have expired or been revoked'],
  },
  423: {
    name: 'Locked',
    description: 'Too few slots are free; the header Retry-After says when to retry.',
    example: ['limit_full', 'Concurrency limit reached: database'],
  },
}

/** The error responses of an operation: those that any has, and the rare ones that it declares. */
export function errorResponses(refusals: readonly number[] = []): Json {
  const responses = Object.entries({ ...ERRORS, ...RARE_ERRORS })
  const its = responses.filter(([status]) => status in ERRORS || refusals.includes(Number(status)))
  return Object.fromEntries(its.map(([status, { name }]) => [status, { $ref: `#/components/responses/${name}` }]))
}

/** All error responses, by name. */
export function errorComponents(): Json {
  const responses = Object.entries({ ...ERRORS, ...RARE_ERRORS })
  return Object.fromEntries(responses.map(([status, each]) => [each.name, component(Number(status), each)]))
}

function component(status: number, { description, example: [code, message] }: ErrorResponse): Json {
  const codes = ERROR_CODES.filter((each) => ERROR_STATUS[each] === status).map((each) => `\`${each}\``)
  const schema = { $ref: `#/components/schemas/${status === 422 ? 'InvalidRequest' : 'Error'}` }
  const example = { detail: message, exception_message: message, code }
  return {
    description: `${description} Codes: ${codes.join(', ')}.`,
    content: { 'application/json': { schema, example: status === 422 ? withField(example) : example } },
  }
}

function withField(example: Json): Json {
  const problem = {
    type: 'too_small',
    loc: ['body', 'concurrency_limit'],
    msg: 'Too small: expected number to be >=0',
    input: -1,
  }
  return {
    ...example,
    exception_message: 'Invalid request received.',
    exception_detail: [problem],
    request_body: null,
  }
}

const members = {
  detail: { type: 'string', description: 'The error as a sentence.' },
  exception_message: { type: 'string', description: 'The same, or one sentence for all invalid requests.' },
  code: {
    type: 'string',
    enum: ERROR_CODES,
    description: 'The machine-readable error code; docs/errors.md lists all.',
  },
}
const required = Object.keys(members)

/** The bodies of errors; the second one is of requests whose fields were refused. */
export const ERROR_SCHEMAS: Json = {
  Error: { type: 'object', required, properties: members },
  InvalidRequest: {
    type: 'object',
    required,
    properties: {
      ...members,
      exception_detail: { type: 'array', items: { $ref: '#/components/schemas/FieldProblem' } },
      request_body: { type: 'null' },
    },
  },
  FieldProblem: {
    type: 'object',
    required: ['type', 'loc', 'msg'],
    properties: {
      type: { type: 'string' },
      loc: {
        type: 'array',
        items: { type: ['string', 'integer'] },
        description: 'The location: `path`, `query` or `body`, then the steps within it.',
      },
      msg: { type: 'string' },
      input: { description: 'The value sent, if it is short.' },
    },
  },
}
