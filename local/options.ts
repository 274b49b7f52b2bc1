import { parseArgs } from 'node:util'

export interface Options {
  help: boolean
  port: number
  dataDir: string
  logFormat: 'text' | 'json'
  dynamoDbEndpoint: string | undefined
}

const PORT_DEFAULT = '4200'
const PORT_MAX = 65_535
const DATA_DEFAULT = '.pushpool'

export const USAGE = `Usage: npm start -- [--port <port>] [--data <folder>]

Runs pushpool on this machine: its API on loopback, its tasks as child processes.

  --port <port>    port to listen on; 0 takes a free one (PORT; default ${PORT_DEFAULT})
  --data <folder>  where everything is kept (PUSHPOOL_DATA; default ./${DATA_DEFAULT})
  --help           show this

PUSHPOOL_LOG=json                 log lines as JSON
DYNOXIDE_BIN=<file>               another dynoxide binary
AWS_ENDPOINT_URL_DYNAMODB=<url>   another DynamoDB-compatible engine; none is started then
`

/** Reads the command line, and the environment for what it does not say. Throws with a sentence for people. */
export function readOptions(args: readonly string[], env: Record<string, string | undefined>): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { port: { type: 'string' }, data: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  const port = values.port ?? (env.PORT || PORT_DEFAULT)
  if (!/^\d+$/.test(port) || Number(port) > PORT_MAX) throw new Error(`'${port}' is no port: 0 to ${PORT_MAX} are.`)
  return {
    help: values.help ?? false,
    port: Number(port),
    dataDir: values.data ?? (env.PUSHPOOL_DATA || DATA_DEFAULT),
    logFormat: env.PUSHPOOL_LOG === 'json' ? 'json' : 'text',
    dynamoDbEndpoint: env.AWS_ENDPOINT_URL_DYNAMODB || undefined,
  }
}
