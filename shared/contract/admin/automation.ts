import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { JsonObject } from '#shared/contract/wire.ts'

/** Automations are not run here; what clients ask of them in passing is answered as by a server that has none. */
const tag = 'Automations'
const params = () => z.object({ resource: z.string() })

export const createAutomation = endpoint({
  method: 'POST',
  path: '/automations/',
  tag,
  summary: 'Refused: automations, and so the triggers of deployments, are not run here.',
  body: () => JsonObject,
  reply: () => z.null(),
  status: 201,
})

export const listAutomations = endpoint({
  method: 'POST',
  path: '/automations/filter',
  tag,
  summary: 'List automations; there are none.',
  body: () => JsonObject,
  reply: () => z.array(JsonObject),
  status: 200,
})

export const countAutomations = endpoint({
  method: 'POST',
  path: '/automations/count',
  tag,
  summary: 'Count automations; there are none.',
  body: () => JsonObject,
  reply: () => z.int(),
  status: 200,
})

export const listRelatedAutomations = endpoint({
  method: 'GET',
  path: '/automations/related-to/:resource',
  tag,
  summary: 'List the automations that concern a resource; there are none.',
  params,
  reply: () => z.array(JsonObject),
  status: 200,
})

export const deleteOwnedAutomations = endpoint({
  method: 'DELETE',
  path: '/automations/owned-by/:resource',
  tag,
  summary: 'Delete the automations that a resource owns; there are none.',
  params,
  reply: () => z.null(),
  status: 202,
})

export const listEvents = endpoint({
  method: 'POST',
  path: '/events/filter',
  tag: 'Events',
  summary: 'List events; none are kept.',
  body: () => JsonObject,
  reply: () => z.object({ events: z.array(JsonObject), total: z.int(), next_page: z.null() }),
  status: 200,
})
