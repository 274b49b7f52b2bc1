import type { Endpoint, InputOf, OutputOf } from '#shared/contract/endpoint.ts'
import { pathOf } from '#shared/contract/endpoints.ts'

/** What a call of an endpoint takes; members that the endpoint does not have are left out. */
export interface CallOptions<E extends Endpoint> {
  params?: Record<string, string>
  query?: Record<string, string>
  body?: InputOf<E['body']>
}

/** Calls an endpoint of the REST API over HTTP. */
export type Api = <E extends Endpoint>(endpoint: E, options?: CallOptions<E>) => Promise<OutputOf<E['reply']>>

/** The REST API of a running service. A call throws when the answer is no success. */
export function apiOf(serviceUrl: string): Api {
  return async (endpoint, { params, query, body } = {}) => {
    const path = pathOf(endpoint, params)
    const search = query ? `?${new URLSearchParams(query).toString()}` : ''
    const response = await fetch(`${serviceUrl}/api${path}${search}`, {
      method: endpoint.method,
      headers: { 'content-type': 'application/json' },
      body: endpoint.body ? JSON.stringify(body ?? {}) : undefined,
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${endpoint.method} ${path} answered ${response.status}: ${text.slice(0, 500)}`)
    return text === '' ? undefined : JSON.parse(text)
  }
}
