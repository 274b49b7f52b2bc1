import { parseKey } from '#shared/api-key/api-key.ts'
import { UsageError } from '../usage-error.ts'

/** The options of `pushpool start` as they were typed. */
export interface StartValues {
  port?: string
  data?: string
  requireKeys?: boolean
}

export interface StartOptions {
  port: number
  dataDir: string
  logFormat: 'text' | 'json'
  dynamoDbEndpoint: string | undefined
  requireKeys: boolean
  taskApiKey: string | undefined
}

export const PORT_DEFAULT = '4200'
export const DATA_DEFAULT = '.pushpool'
const PORT_MAX = 65_535

/** Falls back to the environment. Throws UsageError. */
export function parseStartOptions(values: StartValues, env: Record<string, string | undefined>): StartOptions {
  const port = values.port ?? (env.PORT || PORT_DEFAULT)
  if (!/^\d+$/.test(port) || Number(port) > PORT_MAX) throw new UsageError(`Invalid port '${port}' (0–${PORT_MAX}).`)
  return {
    port: Number(port),
    dataDir: values.data ?? (env.PUSHPOOL_DATA || DATA_DEFAULT),
    logFormat: env.PUSHPOOL_LOG === 'json' ? 'json' : 'text',
    dynamoDbEndpoint: env.AWS_ENDPOINT_URL_DYNAMODB || undefined,
    requireKeys: values.requireKeys ?? parseSwitch('PUSHPOOL_REQUIRE_KEYS', env),
    taskApiKey: parseApiKey('PUSHPOOL_TASK_API_KEY', env),
  }
}

/** A typo must not leave the API open. */
function parseSwitch(name: string, env: Record<string, string | undefined>): boolean {
  const word = env[name] || 'false'
  if (word !== 'true' && word !== 'false') throw new UsageError(`${name} must be true or false, not '${word}'.`)
  return word === 'true'
}

function parseApiKey(name: string, env: Record<string, string | undefined>): string | undefined {
  const text = env[name] || undefined
  if (text !== undefined && !parseKey(text)) {
    throw new UsageError(`${name} is not an API key (pp_<id>_<secret>).`)
  }
  return text
}
