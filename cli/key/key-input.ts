import * as z from 'zod/mini'
import en from 'zod/v4/locales/en.js'
import { SCOPES } from '#shared/api-key/scope.ts'
import * as contract from '#shared/contract/api-key/api-key.ts'
import { formatInstant, parseInstant } from '#shared/instant.ts'
import type { KeyInput } from '../../local/keys/key-ring.ts'
import { UsageError } from '../usage-error.ts'

// By itself zod/mini reports only "Invalid input".
z.config(en())

/** The options of a new key as they were typed. */
export interface KeyValues {
  name: string
  scope?: string
  expires?: string
}

/** The input for a new key. Throws UsageError. */
export function parseKeyInput({ name, scope, expires }: KeyValues): KeyInput {
  const known = SCOPES.find((each) => each === scope)
  if (scope !== undefined && !known) throw new UsageError(`Invalid scope '${scope}' (${SCOPES.join(', ')}).`)
  const input: KeyInput = { name, ...(known ? { scope: known } : {}), ...(expires ? parseEnd(expires) : {}) }
  const issue = z.safeParse(contract.createApiKey.body, input).error?.issues[0]
  if (issue) throw new UsageError(`--${issue.path[0] === 'name' ? 'name' : 'expires'}: ${issue.message}.`)
  return input
}

const SECONDS = { m: 60, h: 3_600, d: 86_400 }

function parseEnd(expires: string): Pick<KeyInput, 'expires_at' | 'expires_in_seconds'> {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(expires) ?? []
  if (unit) return { expires_in_seconds: Number(amount) * SECONDS[unit as keyof typeof SECONDS] }
  const instant = parseInstant(expires)
  if (instant !== undefined) return { expires_at: formatInstant(instant) }
  throw new UsageError(`Invalid --expires '${expires}' (90d, 12h, 30m or a time such as 2030-01-31).`)
}
