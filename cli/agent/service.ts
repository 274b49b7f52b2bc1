import { ApiError, createClient } from '#shared/client/create-client.ts'
import type { Log } from '#shared/deps.ts'
import { parseStartOptions } from '../start/start-options.ts'

type Env = Record<string, string | undefined>

/** The service that an agent calls. */
export interface AgentService {
  /** Undefined for one of its own. */
  shownUrl: string | undefined
  apiUrl: string
  /** Settles when a service of the agent's own can't go on; never for others. */
  lost: Promise<void>
  /** Stops a service of the agent's own. */
  stop(): Promise<void>
}

const PROBE_MS = 2_000
const NOT_FOUND = 404
const NOT_ALLOWED = 405

/**
 * The service at a URL; without one, that which runs on this machine where `pushpool start` would listen, and without
 * that, one that is started in this process, as Prefect 2 does with its "ephemeral API".
 */
export async function findService(
  url: string | undefined,
  { env, log }: { env: Env; log: Log },
): Promise<AgentService> {
  if (url !== undefined) return elsewhere(url)
  const { port } = parseStartOptions({}, env)
  const local = `http://127.0.0.1:${port}/api`
  const found = port === 0 ? 'nothing' : await probe(local)
  if (found === 'pushpool') return elsewhere(local)
  if (found === 'other') {
    log.warn(
      `What listens on port ${port} is not pushpool, and gets no calls; to serve a pool elsewhere, name it with --api.`,
    )
  }
  return await startOwn(found === 'other' ? 0 : port, env, log)
}

function elsewhere(apiUrl: string): AgentService {
  return { shownUrl: apiUrl, apiUrl, lost: new Promise(() => {}), stop: () => Promise.resolve() }
}

/**
 * What answers there: agents are listed by pushpool alone, and by no server of Prefect's, which has the same port. The key
 * is not shown to what may be anyone; a service that requires one refuses, which says as much.
 */
async function probe(url: string): Promise<'pushpool' | 'other' | 'nothing'> {
  const client = createClient({ url, timeoutMs: PROBE_MS, keepAlive: false, retry: { triesMax: 1 } })
  try {
    await client.listAgents({ limit: 1 })
    return 'pushpool'
  } catch (error) {
    if (!(error instanceof ApiError)) return isUnanswered(error) ? 'other' : 'nothing'
    return [NOT_FOUND, NOT_ALLOWED].includes(error.status) ? 'other' : 'pushpool'
  }
}

/** Something took the connection, and did not answer as a service does. */
const isUnanswered = (error: unknown) => (error as { outcomeUnknown?: boolean }).outcomeUnknown ?? true

async function startOwn(port: number, env: Env, log: Log): Promise<AgentService> {
  const [{ startService }, { FolderInUse }] = await Promise.all([
    import('../../local/service.ts'),
    import('../../local/lock.ts'),
  ])
  try {
    // What a service says of its every start is not for those who look at an agent.
    const options = { ...parseStartOptions({}, env), port, log: { ...log, info: () => {} } }
    const service = await startService(options)
    log.info(`This agent's own API is ${service.url}/api, its data in ${service.dataDir}.`)
    const apiUrl = `${service.url}/api`
    return { shownUrl: undefined, apiUrl, lost: service.engineLost, stop: () => service.stop() }
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error
    throw new Error(`${error.message} Or use its API: name it with --api.`, { cause: error })
  }
}
