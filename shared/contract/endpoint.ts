import type * as z from 'zod/mini'
import type { ScopeRule } from '#shared/api-key/scope.ts'

type Schema = z.ZodMiniType

/**
 * One operation of the REST API: what it takes and what it answers. Routes, the OpenAPI document and the client are all
 * derived from this.
 */
export interface Endpoint<
  Params extends Schema | undefined = Schema | undefined,
  Query extends Schema | undefined = Schema | undefined,
  Body extends Schema | undefined = Schema | undefined,
  Reply extends Schema | undefined = Schema | undefined,
> extends ScopeRule {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the API's base, with `:name` for path parameters. */
  path: string
  tag: string
  summary: string
  params: Params
  query: Query
  body: Body
  /** The largest body that it takes, where that is more than others take. */
  bodyBytesMax?: number
  /** The body as a whole is what people store, so none of its members means anything here. */
  bodyIsFree?: boolean
  /** Absent for an answer without a body (204). */
  reply: Reply
  /** The usual status; a route may answer with another success, such as 200 for a create of an existing thing. */
  status: 200 | 201 | 202 | 204
  /** The reply is a text, and sent as it is. */
  plainText?: boolean
  /** Errors specific to this operation; see openapi-errors.ts. */
  refusals?: readonly (410 | 423)[]
}

const SCHEMAS = ['params', 'query', 'body', 'reply'] as const
type Makers<E extends Endpoint> = { [Part in (typeof SCHEMAS)[number]]?: () => E[Part] }
type Declared<E extends Endpoint> = Omit<E, (typeof SCHEMAS)[number]> & Makers<E>

/**
 * Declares an endpoint. Its schemas are created on first use: a request needs those of one endpoint, no request needs a
 * reply's, and making them all is a tenth of what importing the API takes.
 */
export function endpoint<
  Params extends Schema | undefined = undefined,
  Query extends Schema | undefined = undefined,
  Body extends Schema | undefined = undefined,
  Reply extends Schema | undefined = undefined,
>(definition: Declared<Endpoint<Params, Query, Body, Reply>>): Endpoint<Params, Query, Body, Reply> {
  const declared = { ...definition }
  for (const part of SCHEMAS) {
    const make = definition[part]
    let made: Schema | undefined
    Object.defineProperty(declared, part, { enumerable: true, get: () => (made ??= make?.()) })
  }
  return declared as unknown as Endpoint<Params, Query, Body, Reply>
}

export type OutputOf<S> = S extends Schema ? z.output<S> : undefined
export type InputOf<S> = S extends Schema ? z.input<S> : undefined
