import { formatJson } from './json.ts'
import type { Operation } from './operation.ts'

/** A request as it goes out, below the API's base. */
export interface OutgoingRequest {
  method: Operation['method']
  /** With the query, encoded. */
  path: string
  body: string | undefined
}

type Members = Record<string, unknown>

/**
 * The request of an operation with these members of its path and query, and this body. Throws TypeError for a member that
 * would lead the path elsewhere.
 */
export function requestOf(operation: Operation, members: Members = {}, body?: unknown): OutgoingRequest {
  const { method } = operation
  const rest = { ...members }
  const path = operation.path.replace(/:(\w+)/g, (_, name: string) => {
    delete rest[name]
    return segmentOf(name, members[name])
  })
  const given = Object.entries(rest).filter(([, value]) => value !== undefined && value !== null)
  const query = new URLSearchParams(given.map(([name, value]): [string, string] => [name, text(value)])).toString()
  return {
    method,
    path: query ? `${path}?${query}` : path,
    body: operation.body ? formatJson(body ?? {}) : undefined,
  }
}

/** What the service refuses in a segment (shared/contract/segment.ts), and what it never sees. */
const MISLEADING = /^$|[/?%\p{Cc}\p{Cs}\u2028\u2029\ufffd]|(?:^|\\)\.{1,2}(?:\\|$)/u

/**
 * Every URL parser resolves `.`, `..` and empty segments, and API Gateway decodes a path, and cuts it at a question mark,
 * before it looks for the operation: the request would reach another one.
 */
function segmentOf(name: string, value: unknown): string {
  const segment = value === undefined || value === null ? '' : text(value)
  if (MISLEADING.test(segment)) {
    const marks = '/ ? %, control characters and what is not UTF-8'
    throw new TypeError(`'${name}' must not be empty, '.' or '..', nor contain ${marks}.`)
  }
  return encodeURIComponent(segment)
}

const text = (value: unknown): string => (typeof value === 'string' ? value : formatJson(value))
