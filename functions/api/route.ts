import type { Context, Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import * as z from 'zod/mini'
import en from 'zod/v4/locales/en.js'
import { BODY_BYTES_MAX, JSON_DEPTH_MAX } from '#shared/bounds.ts'
import type { Endpoint, OutputOf } from '#shared/contract/endpoint.ts'
import { ERROR_STATUS } from '#shared/contract/error-status.ts'
import { DomainError, type FieldProblem } from '#shared/errors.ts'
import { isRecord, nestingOf } from '#shared/json.ts'
import { assertInScope, type Caller } from './caller.ts'
import { invalidRequest } from './errors.ts'

// By itself zod/mini reports only "Invalid input".
z.config(en())

export interface RouteRequest<E extends Endpoint> {
  params: OutputOf<E['params']>
  query: OutputOf<E['query']>
  body: OutputOf<E['body']>
  header: (name: string) => string | undefined
  /** The body as it was sent. */
  text: () => Promise<string>
  caller: Caller
}

/** A route's answer: the reply alone (with the endpoint's status), or with another status. */
export type Answer<E extends Endpoint> = E['reply'] extends undefined
  ? void
  : OutputOf<E['reply']> | WithStatus<OutputOf<E['reply']>>

class WithStatus<T> {
  readonly status: ContentfulStatusCode
  readonly body: T
  constructor(status: ContentfulStatusCode, body: T) {
    this.status = status
    this.body = body
  }
}
/** Answers with a status other than the endpoint's usual one. */
export function withStatus<T>(status: ContentfulStatusCode, body: T): WithStatus<T> {
  return new WithStatus(status, body)
}

/** Serves an endpoint: decodes and checks the request, makes one call, encodes what it answers. */
export function route<E extends Endpoint>(
  app: Hono,
  endpoint: E,
  handle: (request: RouteRequest<E>) => Answer<E> | Promise<Answer<E>>,
): void {
  // Without strictness Hono drops a slash at the end of the request's path, so the pattern must not have one either.
  app.on(endpoint.method, endpoint.path.replace(/\/$/, ''), async (c) => {
    const caller = c.get('caller')
    assertInScope(caller, endpoint)
    const problems: Problem[] = []
    const read = (part: 'path' | 'query' | 'body', schema: z.ZodMiniType | undefined, value: unknown) => {
      if (!schema) return undefined
      const result = z.safeParse(schema, value)
      if (result.success) return result.data
      for (const issue of result.error.issues.slice(0, PROBLEMS_MAX)) problems.push(problemOf(part, issue, value))
      return undefined
    }
    const params = read('path', endpoint.params, c.req.param())
    // As in Prefect, whose routes match ids alone (`/{id:uuid}` in src/prefect/server/api/concurrency_limits.py).
    if (problems.length > 0) return c.json(invalidRequest(problems, 'not_found'), ERROR_STATUS.not_found)
    const rawBody = endpoint.body ? await readBody(c, endpoint.bodyBytesMax) : undefined
    const request = {
      params,
      query: read('query', endpoint.query, c.req.query()),
      body: read('body', endpoint.body, rawBody),
      header: (name: string) => c.req.header(name),
      text: () => c.req.text(),
      caller,
    } as RouteRequest<E>
    if (problems.length > 0) return c.json(invalidRequest(problems), 422)
    assertInScope(caller, endpoint, request.body)
    const answer = await handle(request)
    const { status, body } =
      answer instanceof WithStatus ? answer : withStatus(endpoint.status as ContentfulStatusCode, answer)
    if (endpoint.plainText) return c.text(body as string, status)
    return endpoint.status === 204 ? c.body(null, 204) : c.json(body as object, status)
  })
}

interface Problem extends FieldProblem {
  input: unknown
}

/** Enough to fix a request; the rest shows when it is sent again. */
const PROBLEMS_MAX = 50
const INPUT_CHARS_MAX = 200

function problemOf(part: string, issue: z.core.$ZodIssue, value: unknown): Problem {
  const path = issue.path.filter((step) => typeof step !== 'symbol')
  const input = path.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], value)
  const shown = typeof input === 'string' ? input.slice(0, INPUT_CHARS_MAX) : typeof input === 'object' ? null : input
  return { type: issue.code ?? 'value_error', loc: [part, ...path], msg: issue.message, input: shown ?? null }
}

/** Reads JSON whatever the content type says: older Prefect clients send none. An empty body counts as `{}`. */
async function readBody(c: Context, bytesMax = BODY_BYTES_MAX): Promise<unknown> {
  const text = await c.req.text()
  if (Buffer.byteLength(text) > bytesMax) {
    throw new DomainError('too_large', `The request body is larger than ${bytesMax} bytes.`)
  }
  if (text.trim() === '') return {}
  try {
    const value: unknown = HALF_PAIRS.test(text) ? JSON.parse(text, repaired) : JSON.parse(text)
    if (nestingOf(value, JSON_DEPTH_MAX) > JSON_DEPTH_MAX)
      throw new RangeError(`nested deeper than ${JSON_DEPTH_MAX} levels`)
    return value
  } catch (error) {
    if (error instanceof RangeError) throw new DomainError('invalid', `The request body is ${error.message}.`)
    throw new DomainError('malformed', 'The request body is not valid JSON.')
  }
}

/** An escape that may stand for half of a surrogate pair, which no UTF-8 text can hold. */
const HALF_PAIRS = /\\u[dD][89a-fA-F]/

/** Puts U+FFFD for half a pair: better than losing a final state over a character in its message. */
function repaired(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key.toWellFormed(), each]))
}
