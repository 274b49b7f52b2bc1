import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { JsonObject, named } from '#shared/contract/wire.ts'

export const getCollectionView = endpoint({
  method: 'GET',
  path: '/collections/views/:view',
  scope: 'work',
  tag: 'Collections',
  summary: 'Read a view of the registry of collections; `aggregate-worker-metadata` lists the types of work pools.',
  params: () => z.object({ view: z.string() }),
  reply: () => named('CollectionView', () => z.record(z.string(), JsonObject)),
  status: 200,
})
