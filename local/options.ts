import { parseArgs } from 'node:util'
import { parseKey } from '#shared/api-key/api-key.ts'

export interface Options {
  help: boolean
  port: number
  dataDir: string
  logFormat: 'text' | 'json'
  dynamoDbEndpoint: string | undefined
  requireKeys: boolean
  taskApiKey: string | undefined
}

const PORT_DEFAULT = '4200'
const PORT_MAX = 65_535
const DATA_DEFAULT = '.pushpool'

export const USAGE = `Usage: npm start -- [--port <port>] [--data <folder>] [--require-keys]

Runs pushpool on this machine: its API on loopback, its tasks as child processes.

  --port <port>    port to listen on; 0 takes a free one (PORT; default ${PORT_DEFAULT})
  --data <folder>  where everything is kept (PUSHPOOL_DATA; default ./${DATA_DEFAULT})
  --require-keys   ask callers for an API key; npm run key makes them (PUSHPOOL_REQUIRE_KEYS=true)
  --help           show this

PUSHPOOL_TASK_API_KEY=<key>       the API key of tasks, which find it as PREFECT_API_KEY and PUSHPOOL_API_KEY
PUSHPOOL_LOG=json                 log lines as JSON
DYNOXIDE_BIN=<file>               another dynoxide binary
AWS_ENDPOINT_URL_DYNAMODB=<url>   another DynamoDB-compatible engine; none is started then
`

/** Reads the command line, and the environment for what it does not say. Throws with a sentence for people, never a key. */
export function parseOptions(args: readonly string[], env: Record<string, string | undefined>): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      'require-keys': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const port = values.port ?? (env.PORT || PORT_DEFAULT)
  if (!/^\d+$/.test(port) || Number(port) > PORT_MAX) throw new Error(`'${port}' is no port: 0 to ${PORT_MAX} are.`)
  return {
    help: values.help ?? false,
    port: Number(port),
    dataDir: values.data ?? (env.PUSHPOOL_DATA || DATA_DEFAULT),
    logFormat: env.PUSHPOOL_LOG === 'json' ? 'json' : 'text',
    dynamoDbEndpoint: env.AWS_ENDPOINT_URL_DYNAMODB || undefined,
    requireKeys: values['require-keys'] ?? switchOf('PUSHPOOL_REQUIRE_KEYS', env),
    taskApiKey: keyOf('PUSHPOOL_TASK_API_KEY', env),
  }
}

/** A word that is neither must not leave open what was meant to be closed. */
function switchOf(name: string, env: Record<string, string | undefined>): boolean {
  const word = env[name] || 'false'
  if (word !== 'true' && word !== 'false') throw new Error(`${name} is '${word}', and must be true or false.`)
  return word === 'true'
}

function keyOf(name: string, env: Record<string, string | undefined>): string | undefined {
  const text = env[name] || undefined
  if (text !== undefined && !parseKey(text))
    throw new Error(`${name} holds no API key: keys look like pp_<id>_<secret>.`)
  return text
}
