import * as z from 'zod/mini'
import { InstantIn, maybe, named, UuidIn } from './wire.ts'

/**
 * The members of Prefect's filters. Every member may be null or left out, which restricts nothing; see
 * shared/filter/criterion.ts for what each means.
 */
export const OperatorIn = maybe(z.enum(['and_', 'or_']))
/** One filter may list this many values; each is compared with every run that is looked at. */
const LIST_MAX = 5_000
const listOf = <T extends z.ZodMiniType>(schema: T) => maybe(z.array(schema).check(z.maxLength(LIST_MAX)))

/**
 * A filter, or a part of one. A member that is not known is refused unless it is null: ignoring it would return
 * unrequested results. Clients write out every member that they know, as null where it restricts nothing.
 */
export function filterOf<S extends z.core.$ZodShape>(shape: S) {
  const schema: unknown = z.catchall(z.object(shape), z.null('is not a known filter; leave it out'))
  // Members beside the shape are null, and are not matched.
  return schema as z.ZodMiniObject<S>
}

export const Strings = listOf(z.string())
export const Uuids = listOf(UuidIn)

/** A filter, or a part of one, that may be left out; `name` is its name in the OpenAPI document. */
export function namedFilter<S extends z.core.$ZodShape>(name: string, shape: () => S) {
  return z.lazy(() => maybe(named(name, () => filterOf(shape()))))
}

export const UuidFilter = namedFilter('UuidFilter', () => ({ any_: Uuids, not_any_: Uuids }))
export const UuidOrNullFilter = namedFilter('UuidOrNullFilter', () => ({
  operator: OperatorIn,
  any_: Uuids,
  not_any_: Uuids,
  is_null_: maybe(z.boolean()),
}))
export const StringFilter = namedFilter('StringFilter', () => ({ any_: Strings, not_any_: Strings }))
export const StringOrNullFilter = namedFilter('StringOrNullFilter', () => ({
  operator: OperatorIn,
  any_: Strings,
  not_any_: Strings,
  is_null_: maybe(z.boolean()),
}))
export const TextFilter = namedFilter('TextFilter', () => ({ any_: Strings, like_: maybe(z.string()) }))
export const TagsFilter = namedFilter('TagsFilter', () => ({
  operator: OperatorIn,
  all_: Strings,
  any_: Strings,
  is_null_: maybe(z.boolean()),
}))
export const TimeFilter = namedFilter('TimeFilter', () => ({
  before_: maybe(InstantIn),
  after_: maybe(InstantIn),
  is_null_: maybe(z.boolean()),
}))
