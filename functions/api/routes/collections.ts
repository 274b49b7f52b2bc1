import type { Hono } from 'hono'
import * as contract from '#shared/contract/admin/collection.ts'
import { DomainError } from '#shared/errors.ts'
import { readDocument as readWorkerTypes } from '../documents/worker-types.ts'
import { route } from '../route.ts'

/** The served views of Prefect's registry, by name. */
const VIEWS = new Map([['aggregate-worker-metadata', readWorkerTypes]])

/** Serves views of Prefect's registry of collections. */
export function collectionRoutes(app: Hono): void {
  route(app, contract.getCollectionView, ({ params: { view } }) => {
    const read = VIEWS.get(view)
    if (!read) throw new DomainError('not_found', `View ${view} not found in registry`)
    return read()
  })
}
