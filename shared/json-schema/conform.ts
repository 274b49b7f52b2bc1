import { pythonRepr } from '#shared/template/python-text.ts'
import { META_SCHEMA } from './meta-schema.ts'
import { prepareSchema, withoutRequired } from './prepare-schema.ts'
import { SchemaError } from './schema-error.ts'
import { schemaViolationsOf, violationsOf } from './validate.ts'
import { bestViolation, jsonPath, type Violation } from './violation.ts'

type Json = Record<string, unknown>

export interface ConformOptions {
  /** Prepares the schema first; see `prepareSchema`. */
  prepare?: boolean
  /** What is required may be missing. */
  ignoreRequired?: boolean
  /** Members that have a default may be null, too. */
  nullWithDefault?: boolean
}

/**
 * Why a value does not conform to a schema, in Prefect's words; undefined when it does. Raises SchemaError when the
 * schema itself is invalid.
 */
export function nonconformity(value: unknown, schema: Json, options: ConformOptions = {}): string | undefined {
  const { prepare = true, ignoreRequired = false, nullWithDefault = false } = options
  const prepared = prepare ? prepareSchema(schema, { nullWithDefault }) : schema
  const effective = ignoreRequired ? withoutRequired(prepared) : prepared
  const wrong = schemaViolation(effective)
  if (wrong) throw new SchemaError('invalid', `Invalid schema: ${wrong}`)
  try {
    const violation = bestViolation(violationsOf(value, effective))
    return violation && describe(violation)
  } catch (error) {
    if (error instanceof SchemaError && error.kind === 'unresolvable')
      return `Validation failed. Failure reason: ${error.message}`
    throw error
  }
}

/** The violation of a schema of the rules of JSON schema; undefined when it has none. */
export function schemaViolation(schema: unknown): string | undefined {
  return schemaViolationsOf(schema, META_SCHEMA)[0]?.message()
}

function describe({ path, message }: Violation): string {
  const where = jsonPath(path)
  const field = where === '$' ? '' : ` for field ${pythonRepr(where.replaceAll('$.', ''))}`
  return `Validation failed${field}. Failure reason: ${message()}`
}
