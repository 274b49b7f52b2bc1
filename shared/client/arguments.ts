import type { CallOptions } from './client.ts'
import type { Operation } from './operation.ts'

/** The arguments of a method, each in its place. */
export interface Call {
  members?: Record<string, unknown> | undefined
  body?: unknown
  options?: CallOptions | undefined
}

/** The arguments of a method by what they are: members of path and query first, then the body, then options. */
export function parseArguments(operation: Operation, args: readonly unknown[]): Call {
  const left = [...args]
  const members = operation.path.includes(':') || operation.query ? (left.shift() as Call['members']) : undefined
  const body = operation.body ? left.shift() : undefined
  return { members, body, options: left.shift() as Call['options'] }
}
