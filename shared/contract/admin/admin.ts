import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { JsonObject, maybe, UuidOut } from '#shared/contract/wire.ts'

const tag = 'Admin'

export const getHealth = endpoint({
  method: 'GET',
  path: '/health',
  tag,
  summary: 'Say that the service is up. Needs no key.',
  reply: () => z.boolean(),
  status: 200,
})

export const getReadiness = endpoint({
  method: 'GET',
  path: '/ready',
  tag,
  summary: 'Say that the service reaches its table. Needs no key.',
  reply: () => z.object({ message: z.string() }),
  status: 200,
})

export const getHello = endpoint({
  method: 'GET',
  path: '/hello',
  tag,
  summary: 'Say hello.',
  reply: () => z.string(),
  status: 200,
})

export const getVersion = endpoint({
  method: 'GET',
  path: '/version',
  tag,
  summary: "Tell pushpool's version.",
  reply: () => z.string(),
  status: 200,
})

export const getPrefectVersion = endpoint({
  method: 'GET',
  path: '/admin/version',
  tag,
  summary: "Tell the version of Prefect whose API this is; Prefect's clients refuse another major version.",
  reply: () => z.string(),
  status: 200,
})

export const getServerStorage = endpoint({
  method: 'GET',
  path: '/admin/storage',
  tag,
  summary: 'Tell where Prefect flows keep results by default: the service names no place.',
  reply: () => z.object({ default_result_storage_block_id: z.nullable(UuidOut) }),
  status: 200,
})

export const getCsrfToken = endpoint({
  method: 'GET',
  path: '/csrf-token',
  tag,
  summary: "Always refused with 422, which tells Prefect's clients to go on without CSRF tokens.",
  query: () => z.object({ client: maybe(z.string()) }),
  reply: () => JsonObject,
  status: 200,
})

export const getOpenApi = endpoint({
  method: 'GET',
  path: '/openapi.json',
  tag,
  summary: 'Read this document.',
  reply: () => JsonObject,
  status: 200,
})
