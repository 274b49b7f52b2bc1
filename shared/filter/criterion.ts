import type { Instant } from '#shared/instant.ts'

/**
 * Prefect's filter language, one kind of member each (src/prefect/server/schemas/filters.py). Member names are those of
 * the wire. Omitted members restrict nothing; an empty `any_` matches nothing, an empty `not_any_` everything.
 */
export type Operator = 'and_' | 'or_'

export interface AnyOf {
  any_?: readonly string[] | undefined
  not_any_?: readonly string[] | undefined
}
export interface AnyOfOrNull {
  operator?: Operator | undefined
  any_?: readonly string[] | undefined
  not_any_?: readonly string[] | undefined
  is_null_?: boolean | undefined
}
export interface Text {
  any_?: readonly string[] | undefined
  /** A part of the text, in any letter case. */
  like_?: string | undefined
}
export interface TagsCriterion {
  operator?: Operator | undefined
  all_?: readonly string[] | undefined
  any_?: readonly string[] | undefined
  is_null_?: boolean | undefined
}
export interface TimeRange {
  before_?: Instant | undefined
  after_?: Instant | undefined
  is_null_?: boolean | undefined
}

/** Combines the results of one filter's members; members that restrict nothing are undefined and don't count. */
export function combine(operator: Operator | undefined, found: readonly (boolean | undefined)[]): boolean {
  const restricting = found.filter((each) => each !== undefined)
  if (restricting.length === 0) return true
  return operator === 'or_' ? restricting.some(Boolean) : restricting.every(Boolean)
}

/** A value among those listed, or not among them. Null is neither, as in SQL, but for a list of none. */
export function matchesAny(value: string | null, criterion: AnyOf | AnyOfOrNull | undefined): boolean | undefined {
  if (!criterion) return undefined
  const { any_, not_any_ } = criterion
  const { is_null_, operator } = criterion as AnyOfOrNull
  return combine(operator, [
    any_ && value !== null && any_.includes(value),
    not_any_ && (not_any_.length === 0 || (value !== null && !not_any_.includes(value))),
    is_null_ === undefined ? undefined : (value === null) === is_null_,
  ])
}

/** A name among those listed, with a part of it, or both. */
export function matchesText(value: string, criterion: Text | undefined): boolean | undefined {
  if (!criterion) return undefined
  const { any_, like_ } = criterion
  return combine('and_', [
    any_ && any_.includes(value),
    like_ === undefined ? undefined : value.toLowerCase().includes(like_.toLowerCase()),
  ])
}

/** `all_`: has all of these tags; `any_`: has at least one; `is_null_`: has none at all. */
export function matchesTags(tags: readonly string[], criterion: TagsCriterion | undefined): boolean | undefined {
  if (!criterion) return undefined
  const { all_, any_, is_null_, operator } = criterion
  return combine(operator, [
    all_ && all_.every((tag) => tags.includes(tag)),
    any_ && any_.some((tag) => tags.includes(tag)),
    is_null_ === undefined ? undefined : (tags.length === 0) === is_null_,
  ])
}

/**
 * Both bounds are included, as in Prefect. `otherwise` replaces a missing time; without it, a missing time is in no
 * range.
 */
export function matchesTime(
  value: Instant | null,
  criterion: TimeRange | undefined,
  otherwise: Instant | null = null,
): boolean | undefined {
  if (!criterion) return undefined
  const { before_, after_, is_null_ } = criterion
  const counted = value ?? otherwise
  return combine('and_', [
    before_ === undefined ? undefined : counted !== null && counted <= before_,
    after_ === undefined ? undefined : counted !== null && counted >= after_,
    is_null_ === undefined ? undefined : (value === null) === is_null_,
  ])
}
