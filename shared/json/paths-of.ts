import { isRecord } from './is-record.ts'

export type JsonPath = (string | number)[]

/** The paths to the values, and to the members by their names, that a test holds for. Recurses as deep as the value is. */
export function pathsOf(value: unknown, test: (value: unknown) => boolean, path: JsonPath = []): JsonPath[] {
  if (test(value)) return [path]
  if (Array.isArray(value)) return value.flatMap((each, at) => pathsOf(each, test, [...path, at]))
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const at = [...path, name]
    return test(name) ? [at] : pathsOf(member, test, at)
  })
}

/** True for a text with half of a surrogate pair, which no UTF-8 can hold. */
export function isIllFormed(value: unknown): boolean {
  return typeof value === 'string' && !value.isWellFormed()
}
