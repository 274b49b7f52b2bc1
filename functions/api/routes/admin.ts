import type { Hono } from 'hono'
import * as contract from '../../../shared/contract/admin.ts'
import type { Deps } from '../../../shared/deps.ts'
import { VERSION } from '../../../shared/version.ts'
import { route } from '../route.ts'

export function adminRoutes(app: Hono, _deps: Deps): void {
  route(app, contract.health, () => true)
  route(app, contract.version, () => VERSION)
}
