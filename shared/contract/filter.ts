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

export const Strings = listOf(z.string())
export const Uuids = listOf(UuidIn)

export const UuidFilter = maybe(z.object({ any_: Uuids, not_any_: Uuids }))
export const UuidOrNullFilter = maybe(
  z.object({ operator: OperatorIn, any_: Uuids, not_any_: Uuids, is_null_: maybe(z.boolean()) }),
)
export const StringFilter = maybe(z.object({ any_: Strings, not_any_: Strings }))
export const StringOrNullFilter = maybe(
  z.object({ operator: OperatorIn, any_: Strings, not_any_: Strings, is_null_: maybe(z.boolean()) }),
)
export const TextFilter = maybe(z.object({ any_: Strings, like_: maybe(z.string()) }))
export const TagsFilter = maybe(
  z.object({ operator: OperatorIn, all_: Strings, any_: Strings, is_null_: maybe(z.boolean()) }),
)
export const TimeFilter = maybe(
  z.object({ before_: maybe(InstantIn), after_: maybe(InstantIn), is_null_: maybe(z.boolean()) }),
)
