import { segmentProblem } from '#shared/contract/segment.ts'

/** Nothing has a longer name or id, and a key of the table holds no more than 1,024 bytes. */
const SEGMENT_CHARS_MAX = 255

/**
 * What is wrong with the path of a request as API Gateway's HTTP API hands it on: decoded once, in spite of its name
 * `rawPath`. A sentence; undefined for a good path.
 */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'The path must begin with a slash.'
  for (const segment of path.split('/')) {
    const long = segment.length > SEGMENT_CHARS_MAX ? `must have at most ${SEGMENT_CHARS_MAX} characters` : undefined
    const problem = long ?? segmentProblem(segment)
    if (problem !== undefined) return `A segment of the path ${problem}.`
  }
  return undefined
}

/** A decoded path, good by `pathProblem`, as it must stand in a URL so that one decoding leads back to it. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
