import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { JsonObject, named } from '#shared/contract/wire.ts'

/** Automations are not supported; queries are answered as by a server that has none. */
const tag = 'Automations'
const Automation = named('Automation', () => JsonObject)
/** Ids such as `prefect.deployment.<id>`. */
const ResourceIn = z.string().check(z.regex(/^[a-z0-9][\w.:@-]{0,1023}$/i, 'must be the id of a resource'))
const params = () => z.object({ resource: ResourceIn })

export const createAutomation = endpoint({
  method: 'POST',
  path: '/automations/',
  scope: 'operate',
  tag,
  summary: 'Create an automation; always rejected, as automations and deployment triggers are not supported.',
  body: () => named('AutomationCreateRequest', () => JsonObject),
  reply: () => z.null(),
  status: 201,
})

export const listAutomations = endpoint({
  method: 'POST',
  path: '/automations/filter',
  scope: 'work',
  tag,
  summary: 'List automations; always empty.',
  body: () => named('AutomationListRequest', () => JsonObject),
  reply: () => z.array(Automation),
  status: 200,
})

export const countAutomations = endpoint({
  method: 'POST',
  path: '/automations/count',
  scope: 'work',
  tag,
  summary: 'Count automations; always 0.',
  body: () => named('AutomationCountRequest', () => JsonObject),
  reply: () => z.int(),
  status: 200,
})

export const listRelatedAutomations = endpoint({
  method: 'GET',
  path: '/automations/related-to/:resource',
  scope: 'work',
  tag,
  summary: 'List the automations related to a resource; always empty.',
  params,
  reply: () => z.array(Automation),
  status: 200,
})

export const deleteOwnedAutomations = endpoint({
  method: 'DELETE',
  path: '/automations/owned-by/:resource',
  scope: 'operate',
  tag,
  summary: 'Delete the automations owned by a resource; does nothing.',
  params,
  reply: () => z.null(),
  status: 202,
})

export const listEvents = endpoint({
  method: 'POST',
  path: '/events/filter',
  scope: 'work',
  tag: 'Events',
  summary: 'List events; always empty.',
  body: () => named('EventListRequest', () => JsonObject),
  reply: () =>
    named('EventPage', () =>
      z.object({ events: z.array(named('Event', () => JsonObject)), total: z.int(), next_page: z.null() }),
    ),
  status: 200,
})
