import { type Client, createClient } from '#shared/client/create-client.ts'
import type { Deps } from '#shared/deps.ts'
import { createApiKey } from '#shared/engine/api-key/create-api-key.ts'
import { createApi } from '../../functions/api/app.ts'
import { createAuthorizer } from '../../functions/authorizer/handler.ts'
import type { UnitCounter } from '../engine/unit-counter.ts'

const URL_IN_PROCESS = 'http://pushpool.test'
/** The parts of a call, as they are counted. */
export const FUNCTIONS = ['authorizer', 'api'] as const
type FunctionName = (typeof FUNCTIONS)[number]

export interface StackInProcess {
  client: Client
  /** Milliseconds of CPU that each function has used for each call so far. */
  cpuMs: Record<FunctionName, number[]>
}

/**
 * The api behind its authorizer, as API Gateway calls them for each request with a key, in this process. The units that
 * each consumes are counted under its name; what happens outside of them is not counted.
 */
export async function openStackInProcess(given: Deps, counter: UnitCounter): Promise<StackInProcess> {
  const deps: Deps = { ...given, settings: { ...given.settings, requireKeys: true } }
  const { text: apiKey } = await createApiKey(deps, { name: 'agent', scope: 'work' }, null)
  const api = createApi(deps)
  const authorize = createAuthorizer(deps)
  const cpuMs: StackInProcess['cpuMs'] = { authorizer: [], api: [] }
  const measured = async <T>(name: FunctionName, work: () => Promise<T> | T): Promise<T> => {
    const before = process.cpuUsage()
    counter.step = name
    try {
      return await work()
    } finally {
      counter.step = ''
      const { user, system } = process.cpuUsage(before)
      cpuMs[name].push((user + system) / 1000)
    }
  }
  const fetch = async (request: Request) => {
    const rawPath = new URL(request.url).pathname
    const headers = Object.fromEntries(request.headers)
    const identity = await measured('authorizer', () =>
      authorize({ rawPath, headers } as unknown as Parameters<typeof authorize>[0]),
    )
    const event = { requestContext: { authorizer: { lambda: identity.context } } }
    return await measured('api', async () => {
      const response = await api.fetch(request, { event })
      return new Response(await response.text(), { status: response.status, headers: response.headers })
    })
  }
  return { client: createClient({ url: URL_IN_PROCESS, apiKey, fetch, retry: { triesMax: 1 } }), cpuMs }
}
