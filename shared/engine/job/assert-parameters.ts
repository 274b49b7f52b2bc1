import type { Deployment } from '#shared/deployment/deployment.ts'
import type { DeploymentChange } from '#shared/deployment/deployment-change.ts'
import { DomainError, invalidField } from '#shared/errors.ts'
import { SchemaError } from '#shared/json-schema/schema-error.ts'
import { loadConform } from './load-conform.ts'

export type Parameters = Record<string, unknown>
/** The operation on the parameters, as Prefect's messages name it. */
type Act = 'creating flow run' | 'updating deployment'

/**
 * Raises schema_mismatch, a 409 as in Prefect's API, when parameters do not conform to a deployment's schema, if it has
 * one; and invalid when the schema itself is invalid.
 */
export async function assertParameters(
  act: Act,
  parameters: Parameters,
  { parameterOpenapiSchema: schema }: Pick<Deployment, 'parameterOpenapiSchema'>,
): Promise<void> {
  // Prefect 2 sends none with a deployment, so nothing is checked; Prefect 3's server would reject it.
  if (!schema) return
  const { nonconformity } = await loadConform()
  try {
    const problem = nonconformity(parameters, schema, { ignoreRequired: act === 'updating deployment' })
    if (problem) throw new DomainError('schema_mismatch', `Error ${act}: ${problem}`)
  } catch (error) {
    throw error instanceof SchemaError ? new DomainError('invalid', error.message) : error
  }
}

/** Raises invalid when a new deployment that enforces its schema has invalid parameters or an invalid schema. */
export async function assertNewParameters(change: DeploymentChange): Promise<void> {
  const { parameters, parameterOpenapiSchema: schema, enforceParameterSchema: enforce } = change
  if (!enforce || !schema) return
  const { nonconformity, schemaViolation } = await loadConform()
  try {
    const violation = schemaViolation(schema)
    const problem = violation
      ? `The provided schema is not a valid json schema. Schema error: ${violation}`
      : nonconformity(parameters ?? {}, schema, { prepare: false, ignoreRequired: true })
    if (problem) throw invalidField(['body'], `Value error, ${problem}`)
  } catch (error) {
    throw error instanceof SchemaError ? invalidField(['body', 'parameter_openapi_schema'], error.message) : error
  }
}

/** Raises what assertParameters raises, when a change touches parameters that a deployment must check, or their schema. */
export async function assertChangedParameters(before: Deployment, change: DeploymentChange): Promise<void> {
  const { parameters, parameterOpenapiSchema: schema, enforceParameterSchema: enforce } = change
  if (!parameters && !schema && !enforce) return
  if (!(enforce ?? before.enforceParameterSchema)) return
  const effective = schema && Object.keys(schema).length > 0 ? schema : before.parameterOpenapiSchema
  await assertParameters('updating deployment', parameters ?? before.parameters, { parameterOpenapiSchema: effective })
}
