import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const admin = {
  /** Get a CSRF token; always rejected with 422, so Prefect's clients continue without one. */
  getCsrfToken: { method: 'GET', path: '/csrf-token', query: true },
  /** Check that the service is up. Needs no key. */
  getHealth: { method: 'GET', path: '/health' },
  /** Get a greeting. */
  getHello: { method: 'GET', path: '/hello' },
  /** Get this document. */
  getOpenApi: { method: 'GET', path: '/openapi.json' },
  /** Get the version of Prefect's API that is served; Prefect's clients reject another major version. */
  getPrefectVersion: { method: 'GET', path: '/admin/version' },
  /** Check that the service can reach its table. Needs no key. */
  getReadiness: { method: 'GET', path: '/ready' },
  /** Get the default result storage of Prefect flows; there is none. */
  getServerStorage: { method: 'GET', path: '/admin/storage' },
  /** Get pushpool's version. */
  getVersion: { method: 'GET', path: '/version' },
} as const satisfies Record<string, Operation>
