import { PARAMETERS_BYTES_MAX } from '#shared/bounds.ts'
import type { Deps } from '#shared/deps.ts'
import { DomainError } from '#shared/errors.ts'
import { pythonJsonBytes } from '#shared/json/python-json-bytes.ts'
import { getVariables } from '#shared/storage/variable/get-variable.ts'
import { HydrationError, hydrate, hydratedVariables } from '#shared/template/hydrate.ts'
import type { Parameters } from './assert-parameters.ts'

/**
 * Resolves placeholder values (`__prefect_kind`); reads nothing if there are none. Raises unresolved, in Prefect's
 * words, and too_large.
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
  return new DomainError('too_large', `The variables in the parameters exceed ${most} bytes.`)
}
