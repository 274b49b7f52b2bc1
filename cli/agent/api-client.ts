import { ApiError, type Client, ConnectionError, createClient } from '#shared/client/create-client.ts'
import { CliError, EXIT_CODE } from '../exit-code.ts'
import { PORT_DEFAULT } from '../start/start-options.ts'
import { apiKeyReader, parseApiUrl } from './api-place.ts'
import { configureOutbound } from './outbound.ts'

const HTTP = { unauthorized: 401, forbidden: 403, notFound: 404 } as const

/** The options that say which API, as they were typed. */
export interface ApiValues {
  api?: string
  apiKeyFile?: string
}

/** Does something through the API. What it refuses raises a CliError with a sentence for people. Throws UsageError. */
export async function withApi<T>(
  values: ApiValues,
  env: Record<string, string | undefined>,
  act: (client: Client) => Promise<T>,
): Promise<T> {
  const url = parseApiUrl(values.api, env) ?? `http://127.0.0.1:${env.PORT || PORT_DEFAULT}/api`
  const apiKey = apiKeyReader(values.apiKeyFile, env)()
  configureOutbound(url, env)
  try {
    return await act(createClient({ url, apiKey, keepAlive: false }))
  } catch (error) {
    throw explained(error)
  }
}

/** What the API said as a sentence that says what to do, with the exit code that fits; other errors as they are. */
export function explained(error: unknown): unknown {
  if (error instanceof ConnectionError && !error.outcomeUnknown) {
    const advice = 'Is the service running? Say where with --api or PUSHPOOL_API_URL.'
    return new CliError(EXIT_CODE.failed, `${error.message} ${advice}`, { cause: error })
  }
  if (!(error instanceof ApiError)) return error
  if (error.status === HTTP.unauthorized) {
    const advice = 'Set PUSHPOOL_API_KEY or --api-key-file to a key that is valid.'
    return new CliError(EXIT_CODE.refused, `${error.message} ${advice}`, { cause: error })
  }
  if (error.status === HTTP.forbidden) return new CliError(EXIT_CODE.refused, error.message, { cause: error })
  if (error.status === HTTP.notFound) return new CliError(EXIT_CODE.notFound, error.message, { cause: error })
  return error
}
