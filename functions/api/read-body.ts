import type { Context } from 'hono'
import { BODY_BYTES_MAX, JSON_DEPTH_MAX } from '#shared/bounds.ts'
import type { Endpoint } from '#shared/contract/endpoint.ts'
import { DomainError, invalidField } from '#shared/errors.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { parseJson, type ReadJson, readJson } from '#shared/json/parse-json.ts'
import { isIllFormed, type JsonPath, pathsOf } from '#shared/json/paths-of.ts'
import { WrittenNumber } from '#shared/json/written-number.ts'

/**
 * Reads JSON whatever the content type says: older Prefect clients send none. An empty body counts as `{}`. Numbers are
 * kept as they were written. Raises too_large, malformed, and invalid for what can't be kept: half a surrogate pair,
 * which no UTF-8 text can hold, and NaN and Infinity, which Python writes and JSON does not have.
 */
export async function readBody(
  c: Context,
  { bodyBytesMax: bytesMax = BODY_BYTES_MAX, bodyIsFree = false }: Pick<Endpoint, 'bodyBytesMax' | 'bodyIsFree'>,
): Promise<ReadJson> {
  const bytes = await c.req.arrayBuffer()
  if (bytes.byteLength > bytesMax) {
    throw new DomainError('too_large', `The request body is larger than ${bytesMax} bytes.`)
  }
  const text = decode(bytes)
  if (text.trim() === '') return parse('{}')
  const body = parse(text)
  if (HALF_PAIRS.test(text)) settleHalfPairs(body.exact, bodyIsFree)
  return body
}

function decode(bytes: ArrayBuffer): string {
  try {
    return UTF_8.decode(bytes)
  } catch {
    throw new DomainError('malformed', 'The request body is not valid UTF-8.')
  }
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true })

function parse(text: string): ReadJson {
  try {
    return readJson(text, JSON_DEPTH_MAX)
  } catch (error) {
    if (error instanceof RangeError) throw new DomainError('invalid', `The request body ${error.message}.`)
    throw noNumberProblem(text) ?? new DomainError('malformed', 'The request body is not valid JSON.')
  }
}

/** Texts, closed or not, and what Python writes for floats that are no numbers. */
const TEXT_OR_NO_NUMBER = /"[^"\\]*(?:\\[^][^"\\]*)*(?:"|\\?$)|-?\b(?:NaN|Infinity)\b/g
/** A number that nobody writes, in the place of such a float. */
const NO_NUMBER = '0e987654321'

/** The error for a body that would be JSON but for NaN and Infinity; undefined for any other. */
function noNumberProblem(text: string): DomainError | undefined {
  const mended = text.replace(TEXT_OR_NO_NUMBER, (found) => (found.startsWith('"') ? found : NO_NUMBER))
  if (mended === text) return undefined
  try {
    const isMarked = (each: unknown) => each instanceof WrittenNumber && each.text === NO_NUMBER
    const [path = []] = pathsOf(parseJson(mended, JSON_DEPTH_MAX), isMarked)
    return invalidField(['body', ...path], 'must be a number of JSON, which has no NaN or Infinity')
  } catch {
    return undefined
  }
}

/** An escape that may stand for half of a surrogate pair. */
const HALF_PAIRS = /\\u[dD][89a-fA-F]/

/**
 * A message of a state or of a log line gets U+FFFD for half a pair, as losing a run's final state over a character in
 * its message would be worse. Any other text is refused, since it could not come back as it was sent.
 */
function settleHalfPairs(body: unknown, isFree: boolean): void {
  for (const path of pathsOf(body, isIllFormed)) {
    const holder = isFree ? undefined : holderOfMessage(body, path)
    if (!holder) throw invalidField(['body', ...path], 'must be well-formed Unicode: it has half of a surrogate pair')
    holder.message = holder.message.toWellFormed()
  }
}

function holderOfMessage(body: unknown, [first, second, ...rest]: JsonPath): { message: string } | undefined {
  if (second !== 'message' || rest.length > 0) return undefined
  if (Array.isArray(body)) return body[first as number] as { message: string }
  return isRecord(body) && first === 'state' ? (body.state as { message: string }) : undefined
}
