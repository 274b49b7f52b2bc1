import type { Command } from 'commander'
import { UsageError } from '../usage-error.ts'

/** Where the keys are: behind an API, in a table on AWS, or in the data folder of a service that is stopped. */
export type Place =
  | { kind: 'api'; url: string; apiKey: string | undefined }
  | { kind: 'table'; tableName: string; region: string | undefined }
  | { kind: 'folder'; dataDir: string; dynamoDbEndpoint: string | undefined }

/** The options that say where the keys are, as they were typed. */
export interface PlaceValues {
  url?: string
  table?: string
  region?: string
  data?: string
}

const URL_DEFAULT = 'http://127.0.0.1:4200/api'
const WHERE = 'Where the keys are (default: an API):'
const API_KEY = `
For an API, set PUSHPOOL_API_KEY to a key of scope admin.`

/** Declares the options that say where the keys are. */
export function definePlace(command: Command): void {
  command
    .optionsGroup(WHERE)
    .option('--url <url>', `an API (PUSHPOOL_API_URL, PREFECT_API_URL; default ${URL_DEFAULT})`)
    .option('--table <name>', "a stack's table, with your AWS credentials")
    .option('--region <region>', 'the region of that table')
    .option('--data <folder>', 'the data folder of a stopped service on this machine')
    .addHelpText('after', API_KEY)
}

/** Falls back to the environment. Throws UsageError. */
export function parsePlace({ url, table, region, data }: PlaceValues, env: Record<string, string | undefined>): Place {
  if ([url, table, data].filter((each) => each !== undefined).length > 1) {
    throw new UsageError('Only one of --url, --table and --data can be given.')
  }
  if (region !== undefined && table === undefined) throw new UsageError('--region requires --table.')
  if (table !== undefined) return { kind: 'table', tableName: table, region }
  if (data !== undefined) {
    return { kind: 'folder', dataDir: data, dynamoDbEndpoint: env.AWS_ENDPOINT_URL_DYNAMODB || undefined }
  }
  const given = url ?? (env.PUSHPOOL_API_URL || env.PREFECT_API_URL || URL_DEFAULT)
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new UsageError(`Invalid URL '${given}' (http or https).`)
  }
  return { kind: 'api', url: given.replace(/\/+$/, ''), apiKey: env.PUSHPOOL_API_KEY || undefined }
}
