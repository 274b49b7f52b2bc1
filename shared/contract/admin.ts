import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'

const tag = 'Admin'

export const health = endpoint({
  method: 'GET',
  path: '/health',
  tag,
  summary: 'Say that the service is up. Needs no key.',
  reply: z.boolean(),
  status: 200,
})

export const ready = endpoint({
  method: 'GET',
  path: '/ready',
  tag,
  summary: 'Say that the service reaches its table. Needs no key.',
  reply: z.object({ message: z.string() }),
  status: 200,
})

export const version = endpoint({
  method: 'GET',
  path: '/version',
  tag,
  summary: "Tell pushpool's version.",
  reply: z.string(),
  status: 200,
})
