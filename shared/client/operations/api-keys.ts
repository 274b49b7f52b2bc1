import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const apiKeys = {
  /** Create an API key and return it once. A repeated request creates another key. */
  createApiKey: { method: 'POST', path: '/api_keys/', body: true },
  /** List API keys, newest first, without their secrets. Expired and revoked keys are listed for 90 days. */
  listApiKeys: { method: 'POST', path: '/api_keys/filter', body: true, pages: 'offset', repeat: 'always' },
  /** Revoke an API key immediately and permanently; a key cannot revoke itself. */
  revokeApiKey: { method: 'DELETE', path: '/api_keys/:id', repeat: 'always' },
} as const satisfies Record<string, Operation>
