/** Dot segments, which every URL parser resolves; some take a backslash for a slash, as the URL standard does. */
const DOTS = /(?:^|\\)\.{1,2}(?:\\|$)/
const CONTROLS = /[\p{Cc}\u2028\u2029]/u
/** What stands for bytes that were no UTF-8. */
const REPLACEMENT = '\ufffd'

/**
 * What no segment of a path may hold, once it is decoded: it would lead to another resource, or be decoded a second time,
 * somewhere on the way from a client to the route. Returns it as a sentence's end; undefined for a good segment.
 */
export function segmentProblem(segment: string): string | undefined {
  if (DOTS.test(segment)) return 'must not be . or .., nor hold them between backslashes'
  if (segment.includes('%')) return 'must not contain %'
  if (CONTROLS.test(segment)) return 'must not contain control characters'
  if (segment.includes(REPLACEMENT) || !segment.isWellFormed()) return 'must not contain what is not UTF-8'
  return undefined
}
