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
    description: 'The request can not be read, or a variable that it names does not exist.',
    example: ['malformed', 'The request body is not valid JSON.'],
  },
  401: {
    name: 'Unauthorized',
    description: 'No key was shown, or none that is in force.',
    example: ['unauthorized', 'Unauthorized'],
  },
  403: {
    name: 'Forbidden',
    description: 'The key does not allow this, or the name is reserved.',
    example: ['insufficient_scope', 'This needs a key of scope "admin".'],
  },
  404: {
    name: 'NotFound',
    description: 'Something that the request names does not exist.',
    example: ['not_found', "Work pool 'main' not found."],
  },
  409: {
    name: 'Conflict',
    description: 'It exists already, or its present state does not allow this.',
    example: ['already_exists', "Work pool 'main' already exists."],
  },
  413: {
    name: 'TooLarge',
    description: 'The request is larger than what can be kept.',
    example: ['too_large', 'The request body is larger than 1000000 bytes.'],
  },
  422: {
    name: 'Invalid',
    description: 'A field of the request holds what it can not; the answer names it.',
    example: ['invalid', 'body.concurrency_limit: Too small: expected number to be >=0'],
  },
  500: {
    name: 'InternalError',
    description: 'The service failed; its log says why.',
    example: ['internal', 'Internal Server Error'],
  },
  503: {
    name: 'Unavailable',
    description: 'The service is busy; the same request may succeed after a moment.',
    example: ['unavailable', 'The service is busy; try again.'],
  },
}

/** Errors that few operations may answer, which then say so. */
const RARE_ERRORS: typeof ERRORS = {
  410: {
    name: 'Gone',
    description: 'What the request names has run out or was given back.',
    example: ['gone', 'Lease not found - it may have expired or been revoked'],
  },
  423: {
    name: 'Locked',
    description: 'Too few slots are left; the header Retry-After says when to ask again.',
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
  detail: { type: 'string', description: 'What went wrong, in a sentence.' },
  exception_message: { type: 'string', description: 'The same, or a sentence for all invalid requests.' },
  code: { type: 'string', enum: ERROR_CODES, description: 'What went wrong, for programs; docs/errors.md lists all.' },
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
        description: 'Where it is: `path`, `query` or `body`, then the steps to it.',
      },
      msg: { type: 'string' },
      input: { description: 'What was sent there, if it is short.' },
    },
  },
}
