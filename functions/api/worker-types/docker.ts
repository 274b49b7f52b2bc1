import { BASE_VARIABLES, filledFrom, type Property, workerType } from './worker-type.ts'

const texts = { type: 'array', items: { type: 'string' } }

/** The variables of prefect-docker's worker. */
const properties: Record<string, Property> = {
  ...BASE_VARIABLES,
  image: {
    title: 'Image',
    description: "The container's image; Prefect's own if left empty.",
    example: 'docker.io/prefecthq/prefect:3-latest',
    type: 'string',
  },
  registry_credentials: {
    title: 'Registry Credentials',
    description: 'A block with the credentials of the image registry.',
    type: 'object',
  },
  image_pull_policy: {
    title: 'Image Pull Policy',
    description: 'When the image is pulled.',
    enum: ['IfNotPresent', 'Always', 'IfPossible', 'Never'],
    type: 'string',
  },
  networks: { title: 'Networks', description: 'Docker networks that the container joins.', ...texts },
  network_mode: {
    title: 'Network Mode',
    description: "The container's network mode, such as host; not together with networks.",
    type: 'string',
  },
  auto_remove: {
    title: 'Auto Remove',
    description: 'Whether containers are removed when they end.',
    default: false,
    type: 'boolean',
  },
  volumes: {
    title: 'Volumes',
    description: 'Volumes to mount, each as host path and container path.',
    example: ['/my/local/path:/path/in/container'],
    ...texts,
  },
  stream_output: {
    title: 'Stream Output',
    description: 'Whether the worker prints what its containers print.',
    default: true,
    type: 'boolean',
  },
  container_wait_timeout: {
    title: 'Container Wait Timeout',
    description: 'Seconds after which the worker stops watching a container, which keeps running.',
    exclusiveMinimum: 0,
    type: 'integer',
  },
  mem_limit: { title: 'Memory Limit', description: 'Memory of a container, such as 128m or 1g.', type: 'string' },
  memswap_limit: {
    title: 'Memory Swap Limit',
    description: 'Memory and swap of a container together; -1 for no swap. Needs a memory limit.',
    type: 'string',
  },
  privileged: {
    title: 'Privileged',
    description: 'Whether containers run in privileged mode.',
    default: false,
    type: 'boolean',
  },
}

/** Containers of a Docker daemon beside a worker. */
export const DOCKER = workerType({
  type: 'docker',
  display_name: 'Docker',
  description: "Runs each flow run in a container of a Prefect worker's Docker daemon.",
  documentation_url: 'https://docs.prefect.io/integrations/prefect-docker',
  package: 'prefect-docker',
  template: {
    job_configuration: filledFrom(Object.keys(properties)),
    variables: { type: 'object', properties },
  },
})
