import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { JsonObject, maybe, named, UuidOut } from '#shared/contract/wire.ts'

const tag = 'Admin'

export const getHealth = endpoint({
  method: 'GET',
  path: '/health',
  scope: null,
  tag,
  summary: 'Say that the service is up. Needs no key.',
  reply: () => z.boolean(),
  status: 200,
})

export const getReadiness = endpoint({
  method: 'GET',
  path: '/ready',
  scope: null,
  tag,
  summary: 'Say that the service reaches its table. Needs no key.',
  reply: () => named('Readiness', () => z.object({ message: z.string() })),
  status: 200,
})

export const getHello = endpoint({
  method: 'GET',
  path: '/hello',
  scope: 'work',
  tag,
  summary: 'Say hello.',
  reply: () => z.string(),
  status: 200,
})

export const getVersion = endpoint({
  method: 'GET',
  path: '/version',
  scope: 'work',
  tag,
  summary: "Tell pushpool's version.",
  reply: () => z.string(),
  status: 200,
})

export const getPrefectVersion = endpoint({
  method: 'GET',
  path: '/admin/version',
  scope: 'work',
  tag,
  summary: "Tell the version of Prefect whose API this is; Prefect's clients refuse another major version.",
  reply: () => z.string(),
  status: 200,
})

export const getServerStorage = endpoint({
  method: 'GET',
  path: '/admin/storage',
  scope: 'work',
  tag,
  summary: 'Tell where Prefect flows keep results by default: the service names no place.',
  reply: () => named('ServerStorage', () => z.object({ default_result_storage_block_id: z.nullable(UuidOut) })),
  status: 200,
})

export const getCsrfToken = endpoint({
  method: 'GET',
  path: '/csrf-token',
  scope: 'work',
  tag,
  summary: "Always refused with 422, which tells Prefect's clients to go on without CSRF tokens.",
  query: () => z.object({ client: maybe(z.string()) }),
  reply: () => named('CsrfToken', () => JsonObject),
  status: 200,
})

export const getOpenApi = endpoint({
  method: 'GET',
  path: '/openapi.json',
  scope: 'work',
  tag,
  summary: 'Read this document.',
  reply: () => named('OpenApiDocument', () => JsonObject),
  status: 200,
})
