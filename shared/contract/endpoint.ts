import type * as z from 'zod/mini'

type Schema = z.ZodMiniType

/**
 * One operation of the REST API: what it takes and what it answers. Routes, the OpenAPI document and the client are all
 * made from this.
 */
export interface Endpoint<
  Params extends Schema | undefined = Schema | undefined,
  Query extends Schema | undefined = Schema | undefined,
  Body extends Schema | undefined = Schema | undefined,
  Reply extends Schema | undefined = Schema | undefined,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the API's base, with `:name` for path parameters. */
  path: string
  tag: string
  summary: string
  params?: Params
  query?: Query
  body?: Body
  /** Absent for an answer without a body (204). */
  reply?: Reply
  /** The usual status; a route may answer another success, such as 200 for a create that found the thing there. */
  status: 200 | 201 | 202 | 204
}

/** Declares an endpoint; only for the types that it infers. */
export function endpoint<
  Params extends Schema | undefined = undefined,
  Query extends Schema | undefined = undefined,
  Body extends Schema | undefined = undefined,
  Reply extends Schema | undefined = undefined,
>(definition: Endpoint<Params, Query, Body, Reply>): Endpoint<Params, Query, Body, Reply> {
  return definition
}

export type OutputOf<S> = S extends Schema ? z.output<S> : undefined
export type InputOf<S> = S extends Schema ? z.input<S> : undefined
