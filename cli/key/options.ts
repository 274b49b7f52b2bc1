import { parseArgs } from 'node:util'
import * as z from 'zod/mini'
import en from 'zod/v4/locales/en.js'
import { KEY_ID } from '#shared/api-key/api-key.ts'
import { SCOPES } from '#shared/api-key/scope.ts'
import * as contract from '#shared/contract/api-key/api-key.ts'
import { formatInstant, parseInstant } from '#shared/instant.ts'
import type { KeyInput } from './key-ring.ts'

// By itself zod/mini says no more than "Invalid input" of what is wrong.
z.config(en())

/** Where the keys are: behind an API, in a table on AWS, or in the data folder of a service that is stopped. */
export type Place =
  | { kind: 'api'; url: string; apiKey: string | undefined }
  | { kind: 'table'; tableName: string; region: string | undefined }
  | { kind: 'folder'; dataDir: string; dynamoDbEndpoint: string | undefined }

export type Act = { kind: 'create'; wish: KeyInput } | { kind: 'list' } | { kind: 'revoke'; keyId: string }

export type Options = { help: true } | { help: false; json: boolean; act: Act; place: Place }

const URL_DEFAULT = 'http://127.0.0.1:4200/api'

export const USAGE = `Usage: npm run -s key -- create --name <name> [--scope <scope>] [--expires <when>] [<where>] [--json]
       npm run -s key -- list [<where>] [--json]
       npm run -s key -- revoke <id> [<where>]

Creates, lists and revokes API keys. A new key is all that goes to standard output, and is shown this once.

  --name <name>      who or what the key is for
  --scope <scope>    work: what workers, agents and flows need (the default)
                     operate: also runs, deployments and queues
                     admin: also work pools and API keys
  --expires <when>   after 90d, 12h or 30m, or at a time such as 2030-01-31; never unless given
  --json             one JSON document in place of text
  --help             show this

Where the keys are; an API unless told otherwise:
  --url <url>        an API (PUSHPOOL_API_URL, PREFECT_API_URL; default ${URL_DEFAULT});
                     a key of scope admin is taken from PUSHPOOL_API_KEY
  --table <name>     a stack's table, with your AWS credentials; --region <region> says where
  --data <folder>    the data folder of a service on this machine, while that is stopped
`

type Env = Record<string, string | undefined>

/** Reads the command line, and the environment for what it does not say. Throws with a sentence for people, never a key. */
export function parseOptions(args: readonly string[], env: Env): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      scope: { type: 'string' },
      expires: { type: 'string' },
      url: { type: 'string' },
      table: { type: 'string' },
      region: { type: 'string' },
      data: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return { help: true }
  return { help: false, json: values.json ?? false, act: actOf(positionals, values), place: placeOf(values, env) }
}

interface Values {
  name?: string
  scope?: string
  expires?: string
  url?: string
  table?: string
  region?: string
  data?: string
}

function actOf([verb, ...rest]: readonly string[], { name, scope, expires }: Values): Act {
  const [argument, more] = rest
  if (more !== undefined || (argument !== undefined && verb !== 'revoke')) throw new Error('There is a word too many.')
  if (verb === 'create') return { kind: 'create', wish: wishOf(name, scope, expires) }
  const stray = Object.entries({ name, scope, expires }).find(([, value]) => value !== undefined)
  if (stray) throw new Error(`Only 'create' takes --${stray[0]}.`)
  if (verb === 'list') return { kind: 'list' }
  if (verb !== 'revoke') throw new Error("Say what to do: 'create', 'list' or 'revoke'.")
  // What is given instead may be a key, and must not be shown.
  if (!argument || !KEY_ID.test(argument)) {
    throw new Error("'revoke' takes the id of a key, 18 hexadecimal digits as 'list' shows them.")
  }
  return { kind: 'revoke', keyId: argument }
}

function wishOf(name: string | undefined, scope: string | undefined, expires: string | undefined): KeyInput {
  if (!name) throw new Error("'create' needs a --name.")
  const known = SCOPES.find((each) => each === scope)
  if (scope !== undefined && !known) throw new Error(`'${scope}' is no scope: ${SCOPES.join(', ')} are.`)
  const wish: KeyInput = { name, ...(known ? { scope: known } : {}), ...(expires ? endOf(expires) : {}) }
  const issue = z.safeParse(contract.createApiKey.body, wish).error?.issues[0]
  if (issue) throw new Error(`--${issue.path[0] === 'name' ? 'name' : 'expires'}: ${issue.message}.`)
  return wish
}

const SECONDS = { m: 60, h: 3_600, d: 86_400 }

function endOf(expires: string): Pick<KeyInput, 'expires_at' | 'expires_in_seconds'> {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(expires) ?? []
  if (unit) return { expires_in_seconds: Number(amount) * SECONDS[unit as keyof typeof SECONDS] }
  const instant = parseInstant(expires)
  if (instant !== undefined) return { expires_at: formatInstant(instant) }
  throw new Error(`--expires takes 90d, 12h, 30m or a time such as 2030-01-31, not '${expires}'.`)
}

function placeOf({ url, table, region, data }: Values, env: Env): Place {
  if ([url, table, data].filter((each) => each !== undefined).length > 1) {
    throw new Error('Only one of --url, --table and --data can be meant.')
  }
  if (region !== undefined && table === undefined) throw new Error('--region goes with --table.')
  if (table !== undefined) return { kind: 'table', tableName: table, region }
  if (data !== undefined) {
    return { kind: 'folder', dataDir: data, dynamoDbEndpoint: env.AWS_ENDPOINT_URL_DYNAMODB || undefined }
  }
  const given = url ?? (env.PUSHPOOL_API_URL || env.PREFECT_API_URL || URL_DEFAULT)
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new Error(`'${given}' is no http or https URL.`)
  }
  return { kind: 'api', url: given.replace(/\/+$/, ''), apiKey: env.PUSHPOOL_API_KEY || undefined }
}
