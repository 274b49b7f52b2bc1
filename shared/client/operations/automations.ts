import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const automations = {
  /** Count automations; always 0. */
  countAutomations: { method: 'POST', path: '/automations/count', body: true, repeat: 'always' },
  /** Create an automation; always rejected, as automations and deployment triggers are not supported. */
  createAutomation: { method: 'POST', path: '/automations/', body: true },
  /** Delete the automations owned by a resource; does nothing. */
  deleteOwnedAutomations: { method: 'DELETE', path: '/automations/owned-by/:resource', repeat: 'always' },
  /** List automations; always empty. */
  listAutomations: { method: 'POST', path: '/automations/filter', body: true, repeat: 'always' },
  /** List the automations related to a resource; always empty. */
  listRelatedAutomations: { method: 'GET', path: '/automations/related-to/:resource' },
} as const satisfies Record<string, Operation>
