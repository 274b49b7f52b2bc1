import type { Instant } from '#shared/instant.ts'
import { isRecord } from '#shared/json/is-record.ts'
import type { State } from './state.ts'

/** A text that is handed to a running flow under a key, JSON as a rule (Prefect's flow run input). */
export interface RunInput {
  runId: string
  key: string
  value: string
  sender: string | null
  created: Instant
}

/** Keys of inputs, as Prefect allows them. */
export const INPUT_KEY = /^[a-z0-9-]{1,255}$/

/**
 * The keys under which a pause that waits for input keeps what it asks for (`schema`), is given (`response`) and says of
 * it, by what they are for; undefined when the state waits for none.
 */
export function inputKeysOf({ details }: State): Record<string, string> | undefined {
  const keyset = details.other?.run_input_keyset
  if (!isRecord(keyset)) return undefined
  const keys = Object.entries(keyset).filter(isNamed)
  return Object.fromEntries(keys)
}

function isNamed(each: [string, unknown]): each is [string, string] {
  return typeof each[1] === 'string' && INPUT_KEY.test(each[1])
}
