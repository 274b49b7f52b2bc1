/** Prefect's ECS job configuration as in its registry of workers, without what does not matter here. */
const ECS_CONFIGURATION = {
  command: '{{ command }}',
  env: '{{ env }}',
  labels: '{{ labels }}',
  name: '{{ name }}',
  aws_credentials: '{{ aws_credentials }}',
  task_definition: {
    containerDefinitions: [{ image: '{{ image }}', name: '{{ container_name }}' }],
    cpu: '{{ cpu }}',
    family: '{{ family }}',
    memory: '{{ memory }}',
    executionRoleArn: '{{ execution_role_arn }}',
  },
  task_run_request: {
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
      taskRoleArn: '{{ task_role_arn }}',
    },
    tags: '{{ labels }}',
    taskDefinition: '{{ task_definition_arn }}',
    capacityProviderStrategy: '{{ capacity_provider_strategy }}',
  },
  configure_cloudwatch_logs: '{{ configure_cloudwatch_logs }}',
  cloudwatch_logs_options: '{{ cloudwatch_logs_options }}',
  cloudwatch_logs_prefix: '{{ cloudwatch_logs_prefix }}',
  network_configuration: '{{ network_configuration }}',
  vpc_id: '{{ vpc_id }}',
  container_name: '{{ container_name }}',
  cluster: '{{ cluster }}',
}

const TYPES: Record<string, object> = {
  env: { type: 'object', additionalProperties: { type: 'string' } },
  labels: { type: 'object', additionalProperties: { type: 'string' } },
  capacity_provider_strategy: { type: 'array', items: { $ref: '#/definitions/CapacityProvider' } },
  launch_type: { type: 'string', enum: ['FARGATE', 'EC2', 'EXTERNAL', 'FARGATE_SPOT'], default: 'FARGATE' },
  cpu: { type: 'integer' },
  memory: { type: 'integer' },
  configure_cloudwatch_logs: { type: 'boolean' },
  cloudwatch_logs_options: { type: 'object', additionalProperties: { type: 'string' } },
  network_configuration: { type: 'object' },
  aws_credentials: { allOf: [{ $ref: '#/definitions/AwsCredentials' }] },
}
const TEXTS = [
  'name',
  'command',
  'task_definition_arn',
  'cluster',
  'family',
  'image',
  'container_name',
  'task_role_arn',
  'execution_role_arn',
  'vpc_id',
  'cloudwatch_logs_prefix',
]

/** The template with its schema of variables; `defaults` are set as a user would set them in the pool. */
export function ecsTemplate(defaults: Record<string, unknown> = {}, configuration: object = {}) {
  const schemas = { ...Object.fromEntries(TEXTS.map((name) => [name, { type: 'string' }])), ...TYPES }
  const properties = Object.entries(schemas).map(([name, schema]) => [
    name,
    name in defaults ? { ...schema, default: defaults[name] } : schema,
  ])
  return {
    job_configuration: { ...structuredClone(ECS_CONFIGURATION), ...configuration },
    variables: {
      type: 'object',
      properties: Object.fromEntries(properties) as Record<string, object>,
      definitions: {
        CapacityProvider: {
          title: 'CapacityProvider',
          type: 'object',
          properties: {
            capacityProvider: { type: 'string' },
            weight: { type: 'integer' },
            base: { type: 'integer' },
          },
          required: ['capacityProvider', 'weight', 'base'],
        },
        AwsCredentials: {
          title: 'AwsCredentials',
          type: 'object',
          properties: { region_name: { type: 'string' } },
          block_type_slug: 'aws-credentials',
        },
      },
    },
  }
}
