import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { JsonObject, maybe, named, UuidOut } from '#shared/contract/wire.ts'

const tag = 'Admin'

export const getHealth = endpoint({
  method: 'GET',
  path: '/health',
  scope: null,
  tag,
  summary: 'Check that the service is up. Needs no key.',
  reply: () => z.boolean(),
  status: 200,
})

export const getReadiness = endpoint({
  method: 'GET',
  path: '/ready',
  scope: null,
  tag,
  summary: 'Check that the service can reach its table. Needs no key.',
  reply: () => named('Readiness', () => z.object({ message: z.string() })),
  status: 200,
})

export const getHello = endpoint({
  method: 'GET',
  path: '/hello',
  scope: 'work',
  tag,
  summary: 'Get a greeting.',
  reply: () => z.string(),
  status: 200,
})

export const getVersion = endpoint({
  method: 'GET',
  path: '/version',
  scope: 'work',
  tag,
  summary: "Get pushpool's version.",
  reply: () => z.string(),
  status: 200,
})

export const getPrefectVersion = endpoint({
  method: 'GET',
  path: '/admin/version',
  scope: 'work',
  tag,
  summary: "Get the version of Prefect's API that is served; Prefect's clients reject another major version.",
  reply: () => z.string(),
  status: 200,
})

export const getServerStorage = endpoint({
  method: 'GET',
  path: '/admin/storage',
  scope: 'work',
  tag,
  summary: 'Get the default result storage of Prefect flows; there is none.',
  reply: () => named('ServerStorage', () => z.object({ default_result_storage_block_id: z.nullable(UuidOut) })),
  status: 200,
})

export const getCsrfToken = endpoint({
  method: 'GET',
  path: '/csrf-token',
  scope: 'work',
  tag,
  summary: "Get a CSRF token; always rejected with 422, so Prefect's clients continue without one.",
  query: () => z.object({ client: maybe(z.string()) }),
  reply: () => named('CsrfToken', () => JsonObject),
  status: 200,
})

export const getOpenApi = endpoint({
  method: 'GET',
  path: '/openapi.json',
  scope: 'work',
  tag,
  summary: 'Get this document.',
  reply: () => named('OpenApiDocument', () => JsonObject),
  status: 200,
})
