import type { Hono } from 'hono'
import * as contract from '#shared/contract/admin/automation.ts'
import { DomainError } from '#shared/errors.ts'
import { route } from '../route.ts'

/** Answers for automations and events, of which there are none. */
export function automationRoutes(app: Hono): void {
  // Said aloud: a deployment whose triggers were dropped in silence would wait for ever.
  route(app, contract.createAutomation, () => {
    throw new DomainError(
      'not_supported',
      'Automations and the triggers of deployments are not run here; use schedules.',
    )
  })
  route(app, contract.listAutomations, () => [])
  route(app, contract.countAutomations, () => 0)
  route(app, contract.listRelatedAutomations, () => [])
  // Every deploy asks for this first, triggers or none.
  route(app, contract.deleteOwnedAutomations, () => null)
  route(app, contract.listEvents, () => ({ events: [], total: 0, next_page: null }))
}
