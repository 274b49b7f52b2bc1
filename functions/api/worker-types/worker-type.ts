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

/** What differs between types. */
type Described = Pick<WorkerType, 'type' | 'display_name' | 'description' | 'documentation_url'> & {
  package: string
  template: Record<string, unknown>
}

/** Fills in what is the same for all. */
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
  name: { title: 'Name', description: 'What the infrastructure of a run is called.', type: 'string' },
  env: { title: 'Environment Variables', description: 'Environment variables of a run.', ...textMap },
  labels: { title: 'Labels', description: 'Labels of the infrastructure of a run.', ...textMap },
  command: {
    title: 'Command',
    description: 'What to run. Left empty, it is what starts a Prefect flow.',
    type: 'string',
  },
}

/** A job configuration with a member for each variable, filled in with its value. */
export function filledFrom(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `{{ ${name} }}`]))
}
