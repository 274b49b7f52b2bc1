import { BASE_VARIABLES, filledFrom, type Property, workerType } from './worker-type.ts'

const properties: Record<string, Property> = {
  ...BASE_VARIABLES,
  stream_output: {
    title: 'Stream Output',
    description: 'Whether the worker prints what its processes print.',
    default: true,
    type: 'boolean',
  },
  working_dir: {
    title: 'Working Directory',
    description: 'The working directory of processes; a temporary one if left empty.',
    type: 'string',
    format: 'path',
  },
}

/** Processes on a worker's own host. */
export const PROCESS = workerType({
  type: 'process',
  display_name: 'Process',
  description: 'Runs each flow run as a process on the host of a Prefect worker or agent.',
  documentation_url: 'https://docs.prefect.io/v3/concepts/workers',
  package: 'prefect',
  template: {
    job_configuration: filledFrom(Object.keys(properties)),
    variables: { type: 'object', properties },
  },
})

/** The pools of Prefect 2's agents: their jobs are described by blocks, so there is no template. */
export const PREFECT_AGENT = workerType({
  type: 'prefect-agent',
  display_name: 'Prefect Agent',
  description: 'Runs flow runs on the infrastructure of their deployments, with a Prefect 2 agent.',
  documentation_url: null,
  package: 'prefect',
  template: {},
})
