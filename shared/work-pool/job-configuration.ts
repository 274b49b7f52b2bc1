import { isRecord } from '#shared/json/is-record.ts'
import { fillTemplate } from '#shared/template/fill-template.ts'
import { nestDotted } from '#shared/template/nested.ts'

type Variables = Record<string, unknown>

/** A pool's base job template, as far as it says anything: `{}` says nothing. */
export interface BaseJobTemplate {
  /** Templates by the names of what a launch needs; undefined when there are none. */
  configuration: Variables | undefined
  /** A JSON schema of the variables that the templates name; its defaults count. */
  variables: Variables
}

/** Reads a template as stored; what is missing or no object counts as empty. */
export function parseTemplate(template: Variables): BaseJobTemplate {
  const { job_configuration: configuration, variables } = template
  const given = isRecord(configuration) && Object.keys(configuration).length > 0
  return { configuration: given ? configuration : undefined, variables: isRecord(variables) ? variables : {} }
}

/** The default of each variable that has one; null counts as none, as in Prefect's workers. */
function variableDefaults({ variables }: BaseJobTemplate): Variables {
  const defaults = Object.entries(isRecord(variables.properties) ? variables.properties : {})
    .map(([name, schema]) => [name, isRecord(schema) ? schema.default : undefined] as const)
    .filter(([, value]) => (value ?? null) !== null)
  return Object.fromEntries(defaults)
}

/** A deployment's job variables under a run's: `env` is merged by name, all else replaced (Prefect's resolve_for_flow_run). */
export function mergeLayers(deployment: Variables, run: Variables): Variables {
  const env = isRecord(deployment.env) && (isRecord(run.env) || run.env === null)
  return { ...deployment, ...run, ...(env ? { env: { ...(deployment.env as Variables), ...asRecord(run.env) } } : {}) }
}

/**
 * The job configuration for these job variables, as Prefect's workers fill it (from_template_and_values): the template's
 * own `env` under the variable's default under the values given. References to blocks and variables are still in it.
 * Raises TemplateError.
 */
export function fillConfiguration(template: BaseJobTemplate, values: Variables): Variables {
  const defaults = variableDefaults(template)
  const variables = { ...defaults, ...nestDotted(values) }
  let env = template.configuration?.env
  if (hasMembers(defaults.env)) env = isRecord(env) ? { ...env, ...defaults.env } : defaults.env
  if (isRecord(env) && hasMembers(variables.env)) env = { ...env, ...variables.env }
  // What can't be merged is kept, for the reader of the configuration to report.
  else if (isRecord(env) && variables.env && !isRecord(variables.env)) env = variables.env
  const base = { ...template.configuration, ...(env === undefined ? {} : { env }) }
  return asRecord(fillTemplate(base, variables))
}

function hasMembers(value: unknown): value is Variables {
  return isRecord(value) && Object.keys(value).length > 0
}

function asRecord(value: unknown): Variables {
  return isRecord(value) ? value : {}
}
