import { ECS_VARIABLES, TASK_DEFINITION, TASK_RUN_REQUEST } from './ecs-variables.ts'
import { BASE_VARIABLES, filledFrom, MAP_OF_TEXT, type Property, workerType } from './worker-type.ts'

const notRead = (title: string, whose: string): Property => ({
  title,
  description: `Ignored: ${whose}. Present for Prefect's \`--provision-infrastructure\`, which sets it.`,
})

const properties: Record<string, Property> = {
  ...ECS_VARIABLES,
  command: {
    title: 'Command',
    description: 'The command to run, of any program; starts a Prefect flow if left empty.',
    anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
  },
  cluster: {
    title: 'Cluster',
    description: "The stack's cluster, by name or ARN; tasks run on no other.",
    type: 'string',
  },
  timeout_seconds: {
    title: 'Timeout Seconds',
    description: 'Seconds after which a task is stopped; no limit if left empty.',
    exclusiveMinimum: 0,
    type: 'number',
  },
  secrets: {
    title: 'Secrets',
    description: 'Environment variables by name, each with the ARN of a secret that jobs may read.',
    ...MAP_OF_TEXT,
  },
  cpu_architecture: {
    title: 'CPU Architecture',
    description: "The architecture of the image; the operator's default if left empty.",
    enum: ['X86_64', 'ARM64'],
    type: 'string',
  },
  aws_credentials: notRead('AWS Credentials', "the stack's own permissions start tasks"),
  vpc_id: notRead('VPC ID', "tasks run in the stack's network, or in subnets that its operator allows"),
  execution_role_arn: notRead('Execution Role ARN', 'the operator chooses roles'),
}

/** Members of the configuration that no part of the task definition or request has. */
const MEMBERS = [
  ...Object.keys(BASE_VARIABLES),
  'container_name',
  'network_configuration',
  'cloudwatch_logs_options',
  'cloudwatch_logs_prefix',
  'prefect_api_key_secret_arn',
  'prefect_api_auth_string_secret_arn',
  'timeout_seconds',
  'secrets',
]

/**
 * ECS tasks that this service starts itself. The template is that of Prefect's ECS workers, as far as a launch reads it:
 * roles, credentials and VPC are the operator's, and there is no worker to configure.
 */
export const ECS_PUSH = workerType({
  type: 'ecs:push',
  display_name: 'AWS Elastic Container Service - Push',
  description: 'Runs each flow run, or any command, as an ECS task that the service starts; no worker is needed.',
  documentation_url: null,
  package: 'prefect',
  template: {
    job_configuration: {
      ...filledFrom(MEMBERS),
      task_definition: { ...TASK_DEFINITION, runtimePlatform: { cpuArchitecture: '{{ cpu_architecture }}' } },
      task_run_request: TASK_RUN_REQUEST,
    },
    variables: { type: 'object', properties },
  },
})
