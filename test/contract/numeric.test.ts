import { expect, it } from 'vitest'
import * as z from 'zod/mini'
import { OPERATIONS } from '#shared/contract/endpoints.ts'
import { EXAMPLES } from '#shared/contract/examples/examples.ts'
import { parseJson } from '#shared/json/parse-json.ts'

type Def = Record<string, unknown> & { type: string }
const defOf = (schema: unknown) => (schema as { _zod: { def: Def } })._zod.def

/** Paths to numbers that only one way of writing would satisfy: those that no transform comes before. */
function strictNumbers(schema: unknown, path: string, seen = new Set<unknown>()): string[] {
  if (seen.has(schema)) return []
  seen.add(schema)
  const { type, ...def } = defOf(schema)
  const within = (each: unknown, step = '') => strictNumbers(each, path + step, seen)
  switch (type) {
    case 'number':
      return [path]
    case 'literal':
      return (def.values as unknown[]).some((each) => typeof each === 'number') ? [path] : []
    case 'lazy':
      return within((def.getter as () => unknown)())
    case 'pipe':
      return defOf(def.in).type === 'transform' ? [] : within(def.in)
    case 'object':
      return Object.entries(def.shape as object).flatMap(([name, each]) => within(each, `.${name}`))
    case 'array':
      return within(def.element, '[]')
    case 'union':
      return (def.options as unknown[]).flatMap((each) => within(each))
    default:
      return def.innerType === undefined ? [] : within(def.innerType)
  }
}

const bodies = OPERATIONS.flatMap(({ name, endpoint: { body } }) => (body ? [{ name, body }] : []))

it.each(bodies)('$name takes its numbers however they are written', ({ name, body }) => {
  expect(strictNumbers(body, 'body')).toEqual([])
  const text = JSON.stringify(EXAMPLES[name]?.body)
  const floats = text.replaceAll(/(?<=":)-?\d+(?=[,}])/g, '$&.0')
  expect(z.safeParse(body, parseJson(floats)).error).toBeUndefined()
})

it('the walk finds numbers wherever a schema may have them', () => {
  const schema = z.object({
    a: z.optional(z.array(z.nullable(z.int()))),
    b: z.lazy(() => z.union([z.string(), z.number(), z.literal(0)])),
    c: z.pipe(
      z.transform((value) => Number(value)),
      z.number(),
    ),
  })
  expect(strictNumbers(schema, 'body')).toEqual(['body.a[]', 'body.b', 'body.b'])
})
