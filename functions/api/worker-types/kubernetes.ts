import { BASE_VARIABLES, filledFrom, type Property, workerType } from './worker-type.ts'

const quantity = (title: string, what: string, example: string): Property => ({
  title,
  description: `${what} of the job's container, as a Kubernetes quantity such as ${example}.`,
  type: 'string',
})

/** The variables of prefect-kubernetes's worker. */
const properties: Record<string, Property> = {
  ...BASE_VARIABLES,
  namespace: {
    title: 'Namespace',
    description: 'The namespace to create jobs in.',
    default: 'default',
    type: 'string',
  },
  image: {
    title: 'Image',
    description: "The container's image; Prefect's own if left empty.",
    example: 'docker.io/prefecthq/prefect:3-latest',
    type: 'string',
  },
  service_account_name: {
    title: 'Service Account Name',
    description: 'The service account that the job runs as.',
    type: 'string',
  },
  image_pull_policy: {
    title: 'Image Pull Policy',
    description: 'When the image is pulled.',
    default: 'IfNotPresent',
    enum: ['IfNotPresent', 'Always', 'Never'],
    type: 'string',
  },
  finished_job_ttl: {
    title: 'Finished Job TTL',
    description: 'Seconds to keep a finished job; forever if left empty.',
    type: 'integer',
  },
  job_watch_timeout_seconds: {
    title: 'Job Watch Timeout Seconds',
    description: 'Seconds to wait for each event of a job; no limit if left empty.',
    type: 'integer',
  },
  pod_watch_timeout_seconds: {
    title: 'Pod Watch Timeout Seconds',
    description: 'Seconds to wait for the pod to be created.',
    default: 60,
    type: 'integer',
  },
  stream_output: {
    title: 'Stream Output',
    description: 'Whether the worker prints what its jobs print.',
    default: true,
    type: 'boolean',
  },
  cluster_config: {
    title: 'Cluster Config',
    description: 'A block that selects the cluster.',
    type: 'object',
  },
  cpu_request: quantity('CPU Request', 'Requested CPU', '500m'),
  cpu_limit: quantity('CPU Limit', 'Maximum CPU', '2'),
  memory_request: quantity('Memory Request', 'Requested memory', '128Mi'),
  memory_limit: quantity('Memory Limit', 'Maximum memory', '1Gi'),
}

const container = {
  name: 'prefect-job',
  env: '{{ env }}',
  image: '{{ image }}',
  imagePullPolicy: '{{ image_pull_policy }}',
  args: '{{ command }}',
  resources: {
    limits: { cpu: '{{ cpu_limit }}', memory: '{{ memory_limit }}' },
    requests: { cpu: '{{ cpu_request }}', memory: '{{ memory_request }}' },
  },
}

const manifest = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { labels: '{{ labels }}', namespace: '{{ namespace }}', generateName: '{{ name }}-' },
  spec: {
    backoffLimit: 0,
    ttlSecondsAfterFinished: '{{ finished_job_ttl }}',
    template: {
      spec: {
        parallelism: 1,
        completions: 1,
        restartPolicy: 'Never',
        serviceAccountName: '{{ service_account_name }}',
        containers: [container],
      },
    },
  },
}

const MEMBERS = [
  ...Object.keys(BASE_VARIABLES),
  'namespace',
  'cluster_config',
  'job_watch_timeout_seconds',
  'pod_watch_timeout_seconds',
  'stream_output',
]

/** Jobs of a Kubernetes cluster. */
export const KUBERNETES = workerType({
  type: 'kubernetes',
  display_name: 'Kubernetes',
  description: "Runs each flow run as a job in a Prefect worker's Kubernetes cluster.",
  documentation_url: 'https://docs.prefect.io/integrations/prefect-kubernetes',
  package: 'prefect-kubernetes',
  template: {
    job_configuration: { ...filledFrom(MEMBERS), job_manifest: manifest },
    variables: { type: 'object', properties },
  },
})
