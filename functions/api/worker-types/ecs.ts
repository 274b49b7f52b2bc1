import { ECS_VARIABLES, TASK_DEFINITION, TASK_RUN_REQUEST } from './ecs-variables.ts'
import { BASE_VARIABLES, filledFrom, type Property, workerType } from './worker-type.ts'

const off = { default: false, type: 'boolean' }

/** The variables of prefect-aws's worker. */
const properties: Record<string, Property> = {
  ...ECS_VARIABLES,
  task_role_arn: { title: 'Task Role ARN', description: 'The role that tasks run with.', type: 'string' },
  configure_cloudwatch_logs: {
    title: 'Configure CloudWatch Logs',
    description: 'Whether tasks send their output to CloudWatch Logs.',
    type: 'boolean',
  },
  stream_output: {
    title: 'Stream Output',
    description: 'Whether the worker prints what its tasks print.',
    type: 'boolean',
  },
  task_start_timeout_seconds: {
    title: 'Task Start Timeout Seconds',
    description: 'Seconds to wait for a task to start.',
    default: 300,
    type: 'integer',
  },
  task_watch_poll_interval: {
    title: 'Task Watch Poll Interval',
    description: 'Seconds between polls of a task.',
    default: 5,
    type: 'number',
  },
  auto_deregister_task_definition: {
    title: 'Auto Deregister Task Definition',
    description: 'Whether the worker deregisters its task definitions after use.',
    ...off,
  },
  match_latest_revision_in_family: {
    title: 'Match Latest Revision In Family',
    description: "Whether to reuse the family's latest task definition if it is identical.",
    ...off,
  },
}

/** Members of the configuration that no part of the task definition or request has. */
const MEMBERS = [
  ...Object.keys(BASE_VARIABLES),
  'aws_credentials',
  'configure_cloudwatch_logs',
  'cloudwatch_logs_options',
  'cloudwatch_logs_prefix',
  'network_configuration',
  'stream_output',
  'task_start_timeout_seconds',
  'task_watch_poll_interval',
  'auto_deregister_task_definition',
  'vpc_id',
  'container_name',
  'cluster',
  'match_latest_revision_in_family',
  'prefect_api_key_secret_arn',
  'prefect_api_auth_string_secret_arn',
  'execution_role_arn',
]

/** ECS tasks that a Prefect worker starts. */
export const ECS = workerType({
  type: 'ecs',
  display_name: 'AWS Elastic Container Service',
  description: 'Runs each flow run as an ECS task that a Prefect worker starts and watches.',
  documentation_url: 'https://docs.prefect.io/integrations/prefect-aws',
  package: 'prefect-aws',
  template: {
    job_configuration: {
      ...filledFrom(MEMBERS),
      task_definition: { ...TASK_DEFINITION, executionRoleArn: '{{ execution_role_arn }}' },
      task_run_request: {
        ...TASK_RUN_REQUEST,
        overrides: { ...TASK_RUN_REQUEST.overrides, taskRoleArn: '{{ task_role_arn }}' },
      },
    },
    variables: { type: 'object', properties },
  },
})
