import * as z from 'zod/mini'
import { PAGE_MAX, PARAMETERS_BYTES_MAX } from '#shared/bounds.ts'
import { isUuid } from '#shared/ids.ts'
import { parseInstant } from '#shared/instant.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { pythonJsonBytes } from '#shared/json/python-json-bytes.ts'
import { asNumber } from '#shared/json/written-number.ts'
import { CONCURRENCY_LIMIT_MAX } from '#shared/limit/limit.ts'
import { nameProblem } from './name.ts'

/**
 * The building blocks of requests and responses. Requests are read leniently: unknown members are dropped, since newer
 * Prefect clients send more than older servers know, and null stands for "not given" wherever null has no meaning of
 * its own.
 */

/** Declares a text's format in the OpenAPI document; zod's own formats would be stricter than Prefect. */
function format<T extends z.ZodMiniType>(name: 'uuid' | 'date-time', schema: T): T {
  z.globalRegistry.add(schema, { format: name })
  return schema
}

/** A date-time in a request, in any form that Prefect's clients write; it becomes an Instant. */
export const InstantIn = z.pipe(
  format('date-time', z.string()),
  z.transform((text, context) => {
    const instant = parseInstant(text)
    if (instant !== undefined) return instant
    context.issues.push({ code: 'custom', message: 'must be an ISO-8601 date-time', input: text })
    return z.NEVER
  }),
)

/** A UUID in any version; lower-cased, as ids are stored. */
export const UuidIn = z.pipe(
  format('uuid', z.string().check(z.refine(isUuid, 'must be a UUID'))),
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

const NAME_CHARS_MAX = 255
const TEXT_CHARS_MAX = 10_000
const PAGE_NUMBER_MAX = 1_000_000

/** The name of a thing, whatever it names: by these a request finds it, and people tell it from others. */
export const NameIn = z.string().check(z.maxLength(NAME_CHARS_MAX), (context) => {
  // All checks run, and this one would exhaust the engine's stack on a long text.
  if (context.value.length > NAME_CHARS_MAX) return
  const message = nameProblem(context.value)
  if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value })
})

/** Free text, such as a description. */
export const TextIn = z.string().check(z.maxLength(TEXT_CHARS_MAX))

/** How many runs may be held at once; null means no limit. */
export const ConcurrencyLimitIn = numeric(z.int().check(z.gte(0), z.lte(CONCURRENCY_LIMIT_MAX)))

/**
 * Names a schema, so that the OpenAPI document shows it once, under that name. It is created on first use, as the
 * schemas of endpoints are. The bundles have no names.
 */
export function named<T extends z.ZodMiniType>(id: string, make: () => T): z.ZodMiniLazy<T> {
  const schema = z.lazy(make)
  z.globalRegistry.add(schema, { id })
  return schema
}

type Json = Record<string, unknown>

/**
 * JSON that is kept as it was sent. It is handed on as it is, since zod's own record leaves out a member called
 * `__proto__`.
 */
export const JsonObject = z.unknown().check(({ value, issues }) => {
  if (!isRecord(value)) issues.push({ code: 'invalid_type', expected: 'record', input: value })
}) as z.ZodMiniType<Json, Json>
z.globalRegistry.add(JsonObject, { type: 'object', propertyNames: { type: 'string' }, additionalProperties: {} })

/** An object of texts, kept as it was sent. */
export const TextsIn = JsonObject.check(({ value, issues }) => {
  for (const [name, text] of Object.entries(value)) {
    if (typeof text === 'string' && text.length <= TEXT_CHARS_MAX) continue
    issues.push({
      code: 'custom',
      message: `must be a text of at most ${TEXT_CHARS_MAX} characters`,
      path: [name],
      input: text,
    })
  }
}) as z.ZodMiniType<Record<string, string>, Record<string, string>>
z.globalRegistry.add(TextsIn, {
  type: 'object',
  propertyNames: { type: 'string' },
  additionalProperties: { type: 'string', maxLength: TEXT_CHARS_MAX },
})

/** A number that the service reckons with: the value counts, and not how it was written (`1.0` is 1). */
export function numeric<T extends z.ZodMiniType>(schema: T): T {
  return z.pipe(z.transform(asNumber), schema) as unknown as T
}

/** Parameters of a run or a deployment; too many are refused in Prefect's words. */
export const ParametersIn = JsonObject.check((context) => {
  const bytes = pythonJsonBytes(context.value)
  if (bytes <= PARAMETERS_BYTES_MAX) return
  const [most, got] = [PARAMETERS_BYTES_MAX, bytes].map((number) => number.toLocaleString('en'))
  const message = `Flow run parameters must be less than ${most} bytes when serialized (got ${got} bytes).`
  context.issues.push({ code: 'custom', message: `Value error, ${message}`, input: null })
})
export const Tags = z.array(z.string().check(z.maxLength(NAME_CHARS_MAX))).check(z.maxLength(200))

/** A page of a list, as Prefect's `/filter` routes take it. */
export const PageIn = {
  limit: withDefault(
    // Prefect's `logs` command looks for these words and then requests smaller pages.
    numeric(z.int().check(z.gte(0), z.lte(PAGE_MAX, `Invalid limit: must be less than or equal to ${PAGE_MAX}.`))),
    PAGE_MAX,
  ),
  offset: withDefault(numeric(z.int().check(z.gte(0))), 0),
}

/** A page by its number, as Prefect's routes of that kind take it. */
export const NumberedPageIn = {
  limit: PageIn.limit,
  page: withDefault(numeric(z.int().check(z.gte(1), z.lte(PAGE_NUMBER_MAX))), 1),
}
/** The members of their responses beside the page. */
export const NumberedPageOut = { count: z.int(), limit: z.int(), pages: z.int(), page: z.int() }

/** A date-time in a response. */
export const InstantOut = format('date-time', z.string())
export const UuidOut = format('uuid', z.string())
