import * as z from 'zod/mini'
import * as contract from '#shared/contract/api-key/api-key.ts'
import type { Endpoint } from '#shared/contract/endpoint.ts'
import { pathOf } from '#shared/contract/endpoints.ts'
import { PAGE_MAX } from '#shared/limits.ts'
import type { KeyRing, ListedKey } from './key-ring.ts'

interface Api {
  url: string
  apiKey: string | undefined
}

const TIMEOUT_MS = 30_000

/** The keys of a service that runs, by its API. Nothing is sent twice: a second request would make a second key. */
export function keysBehindApi(api: Api): KeyRing {
  return {
    create: async (wish) => z.parse(contract.NewApiKeyOut, await call(api, contract.createApiKey, { body: wish })),
    list: async () => {
      const keys: ListedKey[] = []
      for (let offset = 0; ; offset += PAGE_MAX) {
        const answer = await call(api, contract.listApiKeys, { body: { limit: PAGE_MAX, offset } })
        const page = z.parse(z.array(contract.ApiKeyOut), answer)
        keys.push(...page)
        if (page.length < PAGE_MAX) return keys
      }
    },
    revoke: async (keyId) => void (await call(api, contract.revokeApiKey, { params: { id: keyId } })),
    close: () => Promise.resolve(),
  }
}

async function call(
  { url, apiKey }: Api,
  endpoint: Endpoint,
  { params, body }: { params?: Record<string, string>; body?: object },
): Promise<unknown> {
  const response = await send(`${url}${pathOf(endpoint, params)}`, {
    method: endpoint.method,
    headers: {
      ...(body ? { 'content-type': 'application/json' } : {}),
      ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(refusal(response.status, text, apiKey !== undefined))
  return text === '' ? undefined : JSON.parse(text)
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    const { cause, message } = error as Error
    const { origin } = new URL(url)
    const { code } = (cause ?? {}) as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED') throw new Error(`Nothing listens at ${origin}. Does the service run?`)
    const maybe = init.method === 'POST' ? " If it was to make a key, it may have done so: look with 'list'." : ''
    throw new Error(`No answer from ${origin} (${code ?? message}).${maybe}`)
  }
}

function refusal(status: number, text: string, hadKey: boolean): string {
  if (status !== 401) return detailOf(text) ?? `The service answered ${status}.`
  return hadKey
    ? 'The service does not know the key in PUSHPOOL_API_KEY; it may have expired or been revoked.'
    : 'The service asks for a key: put one of scope admin into PUSHPOOL_API_KEY. The first one is made with --table or --data.'
}

function detailOf(text: string): string | undefined {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown }
    return typeof detail === 'string' ? detail : undefined
  } catch {
    return undefined
  }
}
