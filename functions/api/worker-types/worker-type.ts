/** A type of work pool as Prefect's collection registry describes it. */
export interface WorkerType {
  type: string
  display_name: string
  description: string
  documentation_url: string | null
  install_command: string
  is_beta: boolean
  logo_url: null
  default_base_job_configuration: Record<string, unknown>
}

/** The members that differ between types. */
type Described = Pick<WorkerType, 'type' | 'display_name' | 'description' | 'documentation_url'> & {
  package: string
  template: Record<string, unknown>
}

/** Fills in the members that all types share. */
export function workerType({ package: name, template, ...described }: Described): WorkerType {
  return {
    ...described,
    install_command: `pip install ${name}`,
    is_beta: false,
    logo_url: null,
    default_base_job_configuration: template,
  }
}

/** A variable of a job template, as a JSON schema. */
export type Property = Record<string, unknown> & { title: string; description: string }

const textMap = { type: 'object', additionalProperties: { type: 'string' } }
export const MAP_OF_TEXT = textMap

/** The variables that every type has, by the names of Prefect's `BaseVariables`. */
export const BASE_VARIABLES: Record<string, Property> = {
  name: { title: 'Name', description: "The name of a run's infrastructure.", type: 'string' },
  env: { title: 'Environment Variables', description: 'Environment variables of a run.', ...textMap },
  labels: { title: 'Labels', description: "Labels of a run's infrastructure.", ...textMap },
  command: {
    title: 'Command',
    description: 'The command to run; starts a Prefect flow if left empty.',
    type: 'string',
  },
}

/** A job configuration with a member for each variable, filled in with its value. */
export function filledFrom(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `{{ ${name} }}`]))
}
