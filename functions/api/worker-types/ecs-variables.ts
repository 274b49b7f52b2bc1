import { BASE_VARIABLES, MAP_OF_TEXT, type Property } from './worker-type.ts'

/** Variables that Prefect's ECS workers and the launcher of push pools both read, by the names of prefect-aws. */
export const ECS_VARIABLES = {
  ...BASE_VARIABLES,
  task_definition_arn: {
    title: 'Task Definition ARN',
    description: 'An existing task definition; settings that would change it are ignored.',
    type: 'string',
  },
  aws_credentials: {
    title: 'AWS Credentials',
    description: "A block with AWS credentials; the worker's own if left empty.",
    type: 'object',
  },
  cluster: { title: 'Cluster', description: 'The ECS cluster, by name or ARN.', type: 'string' },
  family: {
    title: 'Family',
    description: 'The family that task definitions are registered in.',
    type: 'string',
  },
  launch_type: {
    title: 'Launch Type',
    description: 'What tasks run on. FARGATE_SPOT is requested as a capacity provider.',
    default: 'FARGATE',
    enum: ['FARGATE', 'EC2', 'EXTERNAL', 'FARGATE_SPOT'],
    type: 'string',
  },
  capacity_provider_strategy: {
    title: 'Capacity Provider Strategy',
    description: 'Capacity providers to spread tasks over, instead of a launch type.',
    type: 'array',
    items: {
      type: 'object',
      properties: {
        capacityProvider: { type: 'string' },
        weight: { type: 'integer' },
        base: { type: 'integer' },
      },
      required: ['capacityProvider'],
    },
  },
  image: { title: 'Image', description: "The container's image.", type: 'string' },
  cpu: { title: 'CPU', description: 'CPU units of a task; 1024 is one vCPU.', type: 'integer' },
  memory: { title: 'Memory', description: 'Memory of a task, in MiB.', type: 'integer' },
  container_name: { title: 'Container Name', description: 'The container that runs the command.', type: 'string' },
  prefect_api_key_secret_arn: {
    title: 'Prefect API Key Secret ARN',
    description: 'The Secrets Manager secret that tasks receive as PREFECT_API_KEY.',
    type: 'string',
  },
  prefect_api_auth_string_secret_arn: {
    title: 'Prefect API Auth String Secret ARN',
    description: 'The Secrets Manager secret that tasks receive as PREFECT_API_AUTH_STRING.',
    type: 'string',
  },
  execution_role_arn: {
    title: 'Execution Role ARN',
    description: 'The role that ECS assumes to start tasks.',
    type: 'string',
  },
  vpc_id: { title: 'VPC ID', description: 'The VPC that tasks run in.', type: 'string' },
  cloudwatch_logs_options: {
    title: 'CloudWatch Logs Options',
    description: 'Options of the awslogs driver.',
    ...MAP_OF_TEXT,
  },
  cloudwatch_logs_prefix: {
    title: 'CloudWatch Logs Prefix',
    description: 'The prefix of log stream names.',
    type: 'string',
  },
  network_configuration: {
    title: 'Network Configuration',
    description: "Subnets, security groups and public IP of tasks, as ECS's `awsvpcConfiguration`.",
    type: 'object',
  },
} satisfies Record<string, Property>

/** The containers, task definition and request that both templates hand to ECS. */
export const TASK_DEFINITION = {
  containerDefinitions: [{ image: '{{ image }}', name: '{{ container_name }}' }],
  cpu: '{{ cpu }}',
  family: '{{ family }}',
  memory: '{{ memory }}',
}
export const TASK_RUN_REQUEST = {
  launchType: '{{ launch_type }}',
  cluster: '{{ cluster }}',
  overrides: {
    containerOverrides: [
      {
        name: '{{ container_name }}',
        command: '{{ command }}',
        environment: '{{ env }}',
        cpu: '{{ cpu }}',
        memory: '{{ memory }}',
      },
    ],
    cpu: '{{ cpu }}',
    memory: '{{ memory }}',
  },
  tags: '{{ labels }}',
  taskDefinition: '{{ task_definition_arn }}',
  capacityProviderStrategy: '{{ capacity_provider_strategy }}',
}
