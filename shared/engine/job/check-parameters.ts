import type { Deployment } from '#shared/deployment/deployment.ts'
import type { DeploymentChange } from '#shared/deployment/deployment-change.ts'
import type { Deps } from '#shared/deps.ts'
import { DomainError, invalidField } from '#shared/errors.ts'
import { pythonJsonBytes } from '#shared/json.ts'
import { nonconformity, schemaFault } from '#shared/json-schema/conform.ts'
import { SchemaTrouble } from '#shared/json-schema/schema-trouble.ts'
import { PARAMETERS_BYTES_MAX } from '#shared/limits.ts'
import { getVariables } from '#shared/storage/variable/get-variable.ts'
import { HydrationError, hydrate, hydratedVariables } from '#shared/template/hydrate.ts'

type Parameters = Record<string, unknown>
/** What is being done with the parameters, as Prefect's messages say it. */
type Act = 'creating flow run' | 'updating deployment'

/**
 * Puts values in the place of what stands for them (`__prefect_kind`); reads nothing where nothing does. Raises
 * unresolved, in Prefect's words, and too_large.
 */
export async function hydrateParameters(deps: Deps, noun: string, parameters: Parameters): Promise<Parameters> {
  try {
    const names = hydratedVariables(parameters)
    const found = names.size > 0 ? await getVariables(deps.table, [...names]) : []
    const variables = new Map(found.map((variable) => [variable.name, variable]))
    let bytes = 0
    return hydrate(parameters, (name) => {
      const variable = variables.get(name)
      bytes += pythonJsonBytes(variable?.value ?? null)
      if (bytes > PARAMETERS_BYTES_MAX) throw tooLarge()
      return variable
    })
  } catch (error) {
    if (!(error instanceof HydrationError)) throw error
    throw new DomainError('unresolved', `Error hydrating ${noun} parameters: ${error.message}`)
  }
}

function tooLarge(): DomainError {
  const most = PARAMETERS_BYTES_MAX.toLocaleString('en')
  return new DomainError('too_large', `The variables that the parameters stand for are more than ${most} bytes.`)
}

/**
 * Raises conflict, as Prefect's API does, when parameters do not conform to a deployment's schema, if it has one; and
 * invalid when the schema itself is at fault.
 */
export function refuseParameters(
  act: Act,
  parameters: Parameters,
  { parameterOpenapiSchema: schema }: Pick<Deployment, 'parameterOpenapiSchema'>,
): void {
  // Prefect 2 sends none with a deployment, and means that nothing is checked; Prefect 3's own server would refuse it.
  if (!schema) return
  try {
    const problem = nonconformity(parameters, schema, { ignoreRequired: act === 'updating deployment' })
    if (problem) throw new DomainError('conflict', `Error ${act}: ${problem}`)
  } catch (error) {
    throw error instanceof SchemaTrouble ? new DomainError('invalid', error.message) : error
  }
}

/** Raises invalid when a new deployment that asks for it has parameters or a schema of them that can't be used. */
export function refuseNewParameters({ parameters, parameterOpenapiSchema: schema, ...rest }: DeploymentChange): void {
  if (!rest.enforceParameterSchema || !schema) return
  try {
    const fault = schemaFault(schema)
    const problem = fault
      ? `The provided schema is not a valid json schema. Schema error: ${fault}`
      : nonconformity(parameters ?? {}, schema, { prepare: false, ignoreRequired: true })
    if (problem) throw invalidField(['body'], `Value error, ${problem}`)
  } catch (error) {
    throw error instanceof SchemaTrouble ? invalidField(['body', 'parameter_openapi_schema'], error.message) : error
  }
}

/** Raises what refuseParameters raises, when a change touches parameters that a deployment must check, or their schema. */
export function refuseChangedParameters(before: Deployment, change: DeploymentChange): void {
  const { parameters, parameterOpenapiSchema: schema, enforceParameterSchema: enforce } = change
  if (!parameters && !schema && !enforce) return
  if (!(enforce ?? before.enforceParameterSchema)) return
  const effective = schema && Object.keys(schema).length > 0 ? schema : before.parameterOpenapiSchema
  refuseParameters('updating deployment', parameters ?? before.parameters, { parameterOpenapiSchema: effective })
}
