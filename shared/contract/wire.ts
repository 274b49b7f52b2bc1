import * as z from 'zod/mini'
import { formatInstant, parseInstant } from '../instant.ts'
import { isUuid } from '../ids.ts'

/**
 * The pieces that requests and responses are made of. Requests are read leniently: unknown members are dropped, since
 * newer Prefect clients send more than older servers know, and null stands for "not given" wherever null has no
 * meaning of its own.
 */

/** A date-time in a request, in any form that Prefect's clients write; it becomes an Instant. */
export const InstantIn = z.pipe(
  z.string(),
  z.transform((text, context) => {
    const instant = parseInstant(text)
    if (instant !== undefined) return instant
    context.issues.push({ code: 'custom', message: 'must be an ISO-8601 date-time', input: text })
    return z.NEVER
  }),
)

/** A UUID in any version; lower-cased, as ids are stored. */
export const UuidIn = z.pipe(
  z.string().check(z.refine(isUuid, 'must be a UUID')),
  z.transform((text: string) => text.toLowerCase()),
)

/** A member that may be left out or null, both meaning "not given". */
export function maybe<T extends z.ZodMiniType>(schema: T) {
  return z.pipe(
    z.optional(z.nullable(schema)),
    z.transform((value: z.output<T> | null | undefined) => value ?? undefined),
  )
}

/** A member that may be left out or null, both meaning the default. */
export function withDefault<T extends z.ZodMiniType>(schema: T, fallback: z.output<T>) {
  return z.pipe(
    z.optional(z.nullable(schema)),
    z.transform((value: z.output<T> | null | undefined) => value ?? fallback),
  )
}

/** A member of a PATCH: left out means unchanged, null means cleared. */
export function patchable<T extends z.ZodMiniType>(schema: T) {
  return z.optional(z.nullable(schema))
}

// oxlint-disable-next-line no-control-regex -- control characters are what this refuses
const UNPRINTABLE = /[\u0000-\u001f\u007f]/
const NAME_FORBIDDEN = /[/%&><]/
const NAME_CHARS_MAX = 255

/** A name as Prefect allows it: not empty, none of `/ % & > <`, no control characters. */
export const NameIn = z.string().check(
  z.refine((name) => name.trim().length > 0, 'must not be empty'),
  z.maxLength(NAME_CHARS_MAX),
  z.refine((name) => !NAME_FORBIDDEN.test(name), 'must not contain any of / % & > <'),
  z.refine((name) => !UNPRINTABLE.test(name), 'must not contain control characters'),
)

export const JsonObject = z.record(z.string(), z.unknown())
export const Tags = z.array(z.string().check(z.maxLength(NAME_CHARS_MAX))).check(z.maxLength(200))

/** A page of a list, as Prefect's `/filter` routes take it. */
export const PageIn = {
  limit: withDefault(
    z.int().check(
      z.gte(0),
      z.refine((n) => n <= 200, 'Invalid limit: must be less than or equal to 200.'),
    ),
    200,
  ),
  offset: withDefault(z.int().check(z.gte(0)), 0),
}

/** A date-time in a response. */
export const InstantOut = z.string()
export const UuidOut = z.string()

export { formatInstant }
