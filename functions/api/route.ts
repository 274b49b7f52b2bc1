import type { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import * as z from 'zod/mini'
import en from 'zod/v4/locales/en.js'
import type { Endpoint, OutputOf } from '#shared/contract/endpoint.ts'
import { ERROR_STATUS } from '#shared/contract/error-status.ts'
import type { FieldProblem } from '#shared/errors.ts'
import { WrittenNumber } from '#shared/json/written-number.ts'
import { assertInScope, type Caller } from './caller.ts'
import { invalidRequest } from './errors.ts'
import { readBody } from './read-body.ts'

// By itself zod/mini reports only "Invalid input".
z.config(en())

export interface RouteRequest<E extends Endpoint> {
  params: OutputOf<E['params']>
  query: OutputOf<E['query']>
  body: OutputOf<E['body']>
  header: (name: string) => string | undefined
  caller: Caller
  /** Aborted when nobody hears the answer any more, where that is known: on one machine. */
  callerGone: AbortSignal | undefined
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
    const read = (
      part: 'path' | 'query' | 'body',
      schema: z.ZodMiniType | undefined,
      value: unknown,
      plain = value,
    ) => {
      if (!schema) return undefined
      // Zod would take a number that is kept as it was written for an object.
      const first = plain === value ? undefined : z.safeParse(schema, plain)
      const result = first?.success === false ? first : z.safeParse(schema, value)
      if (result.success) return result.data
      for (const issue of result.error.issues.slice(0, PROBLEMS_MAX)) problems.push(problemOf(part, issue, value))
      return undefined
    }
    const params = read('path', endpoint.params, c.req.param())
    // As in Prefect, whose routes match ids alone (`/{id:uuid}` in src/prefect/server/api/concurrency_limits.py).
    if (problems.length > 0) return c.json(invalidRequest(problems, 'not_found'), ERROR_STATUS.not_found)
    const rawBody = endpoint.body ? await readBody(c, endpoint) : undefined
    const request = {
      params,
      query: read('query', endpoint.query, c.req.query()),
      body: read('body', endpoint.body, rawBody?.exact, rawBody?.plain),
      header: (name: string) => c.req.header(name),
      caller,
      callerGone: (c.env as { context?: { callerGone?: AbortSignal } } | undefined)?.context?.callerGone,
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
  return { type: issue.code ?? 'value_error', loc: [part, ...path], msg: issue.message, input: shown(input) }
}

/** An input as an error shows it: texts are cut, and lists and objects left out. */
function shown(input: unknown): unknown {
  if (typeof input === 'string') return input.slice(0, INPUT_CHARS_MAX)
  return typeof input === 'object' && !(input instanceof WrittenNumber) ? null : (input ?? null)
}
