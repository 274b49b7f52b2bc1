import * as z from 'zod/mini'
import { InstantIn, maybe, UuidIn } from './wire.ts'

/**
 * The members that Prefect's filters are made of. Every member may be null or left out, which asks for nothing; see
 * shared/filter/criterion.ts for what each means.
 */
export const OperatorIn = maybe(z.enum(['and_', 'or_']))
/** One filter may list this many values; each is compared with every run that is looked at. */
const LIST_MAX = 5_000
const listOf = <T extends z.ZodMiniType>(schema: T) => maybe(z.array(schema).check(z.maxLength(LIST_MAX)))

/**
 * A filter, or a part of one. A member that is not known is refused unless it is null: passed over, it would let through
 * what nobody asked for. Clients write out every member that they know, as null where it asks for nothing.
 */
export function filterOf<S extends z.core.$ZodShape>(shape: S) {
  const schema: unknown = z.catchall(z.object(shape), z.null('is no filter that is known here; leave it out'))
  // What comes through beside the shape is null, and of no interest to those who match by it.
  return schema as z.ZodMiniObject<S>
}

export const Strings = listOf(z.string())
export const Uuids = listOf(UuidIn)

export const UuidFilter = z.lazy(() => maybe(filterOf({ any_: Uuids, not_any_: Uuids })))
export const UuidOrNullFilter = z.lazy(() =>
  maybe(filterOf({ operator: OperatorIn, any_: Uuids, not_any_: Uuids, is_null_: maybe(z.boolean()) })),
)
export const StringFilter = z.lazy(() => maybe(filterOf({ any_: Strings, not_any_: Strings })))
export const StringOrNullFilter = z.lazy(() =>
  maybe(filterOf({ operator: OperatorIn, any_: Strings, not_any_: Strings, is_null_: maybe(z.boolean()) })),
)
export const TextFilter = z.lazy(() => maybe(filterOf({ any_: Strings, like_: maybe(z.string()) })))
export const TagsFilter = z.lazy(() =>
  maybe(filterOf({ operator: OperatorIn, all_: Strings, any_: Strings, is_null_: maybe(z.boolean()) })),
)
export const TimeFilter = z.lazy(() =>
  maybe(filterOf({ before_: maybe(InstantIn), after_: maybe(InstantIn), is_null_: maybe(z.boolean()) })),
)
