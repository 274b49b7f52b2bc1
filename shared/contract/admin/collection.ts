import * as z from 'zod/mini'
import { endpoint } from '#shared/contract/endpoint.ts'
import { JsonObject, named } from '#shared/contract/wire.ts'

export const getCollectionView = endpoint({
  method: 'GET',
  path: '/collections/views/:view',
  scope: 'work',
  tag: 'Collections',
  summary: 'Get a view of the collection registry; `aggregate-worker-metadata` lists the work pool types.',
  params: () => z.object({ view: z.string() }),
  reply: () => named('CollectionView', () => z.record(z.string(), JsonObject)),
  status: 200,
})
