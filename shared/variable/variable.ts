import { idFromName } from '#shared/ids.ts'
import type { Instant } from '#shared/instant.ts'

/** A named JSON value that flows and job templates read. */
export interface Variable {
  id: string
  name: string
  /** Any JSON value, null included. */
  value: unknown
  tags: string[]
  created: Instant
  updated: Instant
}

/** Prefect's MAX_VARIABLE_VALUE_LENGTH, counted in bytes of JSON. */
const VALUE_BYTES_MAX = 5_000

/** The id that a variable of this name always has. */
export function variableIdOf(name: string): string {
  return idFromName('variable', name)
}

/** Whether a value is short enough to be a variable's. */
export function isVariableValue(value: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(value)) <= VALUE_BYTES_MAX
}
