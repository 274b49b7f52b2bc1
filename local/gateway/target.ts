import { pathProblem } from '../../functions/api/path.ts'

/** A request's target in the members that an event has it in. */
export interface Target {
  rawPath: string
  rawQueryString: string
}

/** Characters that would end or split the path once it is decoded. */
const ENCODED_MARKS = /%(?:2f|3f)/i
const MARKS = 'The path must not contain an encoded / (%2f) or ? (%3f): API Gateway cannot tell them from plain ones.'

/**
 * Reads a request's target, in visible ASCII (Node's parser refuses others), or says in a sentence what is wrong with it.
 * API Gateway decodes a path and cuts it at a decoded question mark before anyone sees it. Here the target is seen as it
 * was sent, so what would then lead to another resource is refused, and what is left is decoded to the same path here and
 * there.
 */
export function readTarget(target: string): Target | string {
  if (!target.startsWith('/')) return 'The target of the request must be a path.'
  if (target.includes('#')) return 'The target of the request must not contain #; encode it.'
  const mark = target.indexOf('?')
  const encoded = mark === -1 ? target : target.slice(0, mark)
  if (ENCODED_MARKS.test(encoded)) return MARKS
  const rawPath = decode(encoded)
  if (rawPath === undefined) return 'The path is not UTF-8 in percent-encoding.'
  return pathProblem(rawPath) ?? { rawPath, rawQueryString: mark === -1 ? '' : target.slice(mark + 1) }
}

/** Undefined for what is not UTF-8, which RFC 3629 forbids to write longer than needed. */
function decode(path: string): string | undefined {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
