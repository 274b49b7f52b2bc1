import { parseJson } from '#shared/json/parse-json.ts'

/**
 * How the client reads and writes JSON; all of it goes through here. Numbers are kept as the service wrote them, so that
 * what is read and sent back is unchanged.
 */
export { parseJson }

/** A value as the text of a request body. Throws TypeError for NaN and Infinity, which would become null. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, assertFinite)
}

function assertFinite(name: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value
  throw new TypeError(`'${name}' is ${value}, which JSON does not have.`)
}
