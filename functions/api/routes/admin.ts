import type { Hono } from 'hono'
import * as contract from '#shared/contract/admin/admin.ts'
import type { Deps } from '#shared/deps.ts'
import { DomainError } from '#shared/errors.ts'
import { isReachable } from '#shared/storage/dynamo/is-reachable.ts'
import { PREFECT_VERSION, VERSION } from '#shared/version.ts'
import { readDocument as readOpenApi } from '../documents/openapi.ts'
import { route } from '../route.ts'

/** Serves what clients call at their start. */
export function adminRoutes(app: Hono, deps: Deps): void {
  route(app, contract.getHealth, () => true)
  route(app, contract.getReadiness, async () => {
    if (!(await isReachable(deps.table))) throw new DomainError('unavailable', 'The table is not reachable.')
    return { message: 'OK' }
  })
  route(app, contract.getHello, () => '👋')
  route(app, contract.getVersion, () => VERSION)
  route(app, contract.getPrefectVersion, () => PREFECT_VERSION)
  route(app, contract.getServerStorage, () => ({ default_result_storage_block_id: null }))
  route(app, contract.getCsrfToken, () => {
    throw new DomainError('not_supported', 'CSRF protection is disabled.')
  })
  route(app, contract.getOpenApi, () => readOpenApi())
}
