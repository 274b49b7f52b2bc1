import { referredId } from '#shared/block/block-document.ts'
import { isRecord } from '#shared/json/is-record.ts'
import { nonconformity, schemaViolation } from '#shared/json-schema/conform.ts'
import { withoutRequired } from '#shared/json-schema/prepare-schema.ts'
import { SchemaError } from '#shared/json-schema/schema-error.ts'
import { violationsOf } from '#shared/json-schema/validate.ts'

type Variables = Record<string, unknown>
/** Data of block documents by id. */
export type BlockData = ReadonlyMap<string, Variables>

/** How strictly job variables are validated against a pool's schema. */
export interface Strictness {
  /** Only a run has all its variables; before it, required ones may still come. */
  required: boolean
  /** A default that violates the schema is skipped; required variables are then not enforced either. */
  passOverDefaults: boolean
}

/** The blocks that defaults of a template's variables refer to; each must exist. */
export function defaultBlockIds(template: Variables): string[] {
  return Object.values(defaultsIn(template)).flatMap((value) => referredId(value) ?? [])
}

/**
 * Why job variables, the later layers over the earlier ones and all of them over the defaults, do not conform to the
 * template's schema, in Prefect's words; undefined when they do, or when there is no schema (the rules of Prefect's
 * server/api/validation.py). Raises SchemaError.
 */
export function variablesProblem(
  template: Variables,
  blocks: BlockData,
  layers: readonly Variables[],
  { required, passOverDefaults }: Strictness,
): string | undefined {
  const { variables: schema } = template
  if (!isRecord(schema) || Object.keys(schema).length === 0) return undefined
  const wrong = schemaViolation(schema)
  if (wrong) throw new SchemaError('invalid', `Invalid schema: ${wrong}`)
  const defaults = Object.entries(defaultsIn(template)).flatMap(([name, value]) => {
    const id = referredId(value)
    if (id) return [[name, blocks.get(id)] as const]
    return isRecord(value) && '$ref' in value ? [] : [[name, value] as const]
  })
  const lenient = passOverDefaults ? withoutRequired(schema) : undefined
  const usable = lenient
    ? defaults.filter(([name, value]) => violationsOf({ [name]: value }, lenient).length === 0)
    : defaults
  const merged: Variables = Object.fromEntries([...usable, ...layers.flatMap((layer) => Object.entries(layer))])
  const ignoreRequired = !required || usable.length < defaults.length
  return nonconformity(merged, schema, { ignoreRequired, nullWithDefault: true })
}

function defaultsIn({ variables }: Variables): Variables {
  const properties = isRecord(variables) && isRecord(variables.properties) ? variables.properties : {}
  const given = Object.entries(properties).filter(([, schema]) => isRecord(schema) && Object.hasOwn(schema, 'default'))
  return Object.fromEntries(given.map(([name, schema]) => [name, (schema as Variables).default]))
}
