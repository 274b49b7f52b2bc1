import { parseJson } from '#shared/json/parse-json.ts'

/**
 * How the client reads and writes JSON; all of it goes through here. Numbers are kept as the service wrote them, so that
 * what is read and sent back is unchanged.
 */
export { parseJson }

/** A value as the text of a request body. */
export const formatJson = (value: unknown): string => JSON.stringify(value)
