import type { Hono } from 'hono'
import * as contract from '#shared/contract/admin/automation.ts'
import { DomainError } from '#shared/errors.ts'
import { route } from '../route.ts'

/** Serves automations and events, of which there are none. */
export function automationRoutes(app: Hono): void {
  // Rejected: a deployment whose triggers were silently dropped would wait forever.
  route(app, contract.createAutomation, () => {
    throw new DomainError('not_supported', 'Automations and deployment triggers are not supported; use schedules.')
  })
  route(app, contract.listAutomations, () => [])
  route(app, contract.countAutomations, () => 0)
  route(app, contract.listRelatedAutomations, () => [])
  // Every deploy calls this first, with or without triggers.
  route(app, contract.deleteOwnedAutomations, () => null)
  route(app, contract.listEvents, () => ({ events: [], total: 0, next_page: null }))
}
