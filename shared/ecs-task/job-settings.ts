import { isRecord } from '#shared/json/is-record.ts'
import { type Containers, parseContainers } from './containers.ts'
import type { JobProblem } from './job.ts'
import { type LaunchExtras, NO_EXTRAS } from './launch-extras.ts'
import {
  applyRules,
  DEFINITION,
  LOG_OPTIONS,
  type MemberRules,
  OVERRIDES,
  REQUEST,
  ROLE_PROBLEM,
  VOLUME,
} from './member-rules.ts'
import { mergePairs } from './merge-pairs.ts'

type Variables = Record<string, unknown>

/** The inputs of a launch: settings by the names of Prefect's ECS variables, and what has no such name. */
export interface JobSettings {
  variables: Variables
  extras: LaunchExtras
  problems: JobProblem[]
}

/** Variables of ours. Prefect's templates don't name them, so they count wherever they are given. */
const OWN = ['timeout_seconds', 'secrets', 'cpu_architecture']
const TEXTS = ['name', 'prefect_api_key_secret_arn', 'prefect_api_auth_string_secret_arn']
const PLATFORM = 'task_definition.runtimePlatform'
const ROLES = ['task_role_arn', 'execution_role_arn']
/** What is read at the top of a job configuration. Others, such as credentials and `vpc_id`, decide nothing here. */
const MEMBERS = [
  'command',
  'env',
  'labels',
  'image',
  'cpu',
  'memory',
  'task_definition',
  'task_run_request',
  'container_name',
  'cluster',
  'family',
  'launch_type',
  'capacity_provider_strategy',
  'task_definition_arn',
  'network_configuration',
  'cloudwatch_logs_options',
  'cloudwatch_logs_prefix',
  ...TEXTS,
  ...ROLES,
  ...OWN,
]

/**
 * The members of a configuration that are read, and so the ones whose references must be looked up; and our own
 * variables of the job variables, unless the configuration has them.
 */
export function parseMembers(configuration: Variables, jobVariables: Variables): Variables {
  return { ...pick(jobVariables, OWN), ...pick(configuration, MEMBERS) }
}

/** Settings that stand for themselves: the job variables of a pool whose template has no configuration. */
export function flatSettings(variables: Variables): JobSettings {
  return { variables, extras: NO_EXTRAS, problems: [] }
}

/**
 * Reads a job configuration whose placeholders are filled in, as Prefect's ECS worker does: what its parts say of one
 * thing becomes one setting. What only the operator decides, and what would be lost, are problems.
 */
export function settingsOf(configuration: Variables): JobSettings {
  const definition = asRecord(configuration.task_definition)
  const request = asRecord(configuration.task_run_request)
  const overrides = asRecord(request.overrides)
  const { container_name: containerName } = configuration
  const containers = parseContainers(containerName, definition.containerDefinitions, overrides.containerOverrides)
  const problems = [...containers.problems]
  const keep = (part: unknown, path: string, rules: MemberRules) => {
    const { kept, problems: found } = applyRules(asRecord(part), path, rules)
    problems.push(...found)
    return kept
  }
  const extras: LaunchExtras = {
    container: containers.mainMembers,
    containerOverride: containers.overrideMembers,
    sidecars: containers.sidecars,
    definition: keep(definition, 'task_definition', DEFINITION),
    request: keep(request, 'task_run_request', REQUEST),
    overrides: keep(overrides, 'task_run_request.overrides', OVERRIDES),
    logOptions: {
      ...(configuration.cloudwatch_logs_prefix
        ? { 'awslogs-stream-prefix': configuration.cloudwatch_logs_prefix }
        : {}),
      ...keep(configuration.cloudwatch_logs_options, 'cloudwatch_logs_options', LOG_OPTIONS),
    },
  }
  for (const volume of asList(definition.volumes)) keep(volume, 'task_definition.volumes', VOLUME)
  for (const role of ROLES) if (configuration[role]) problems.push({ variable: role, msg: ROLE_PROBLEM })
  const { operatingSystemFamily: system } = asRecord(definition.runtimePlatform)
  if (system && system !== 'LINUX')
    problems.push({ variable: `${PLATFORM}.operatingSystemFamily`, msg: 'must be LINUX' })
  const variables = {
    ...pick(configuration, [...OWN, ...TEXTS]),
    ...mergeParts(configuration, { definition, request, overrides, containers }),
  }
  return { variables: withoutUnset(variables), extras, problems }
}

interface Parts {
  definition: Variables
  request: Variables
  overrides: Variables
  containers: Containers
}

/** The settings that more than one part may hold; where two do, the one that ECS would heed. */
function mergeParts(configuration: Variables, { definition, request, overrides, containers }: Parts): Variables {
  const { main, override, name } = containers
  const { network_configuration: given } = configuration
  return {
    container_name: name,
    command: first(configuration.command, override.command, main.command),
    image: first(main.image, configuration.image),
    env: mergePairs(main.environment, override.environment, configuration.env),
    secrets: mergePairs(main.secrets, configuration.secrets),
    labels: mergePairs(request.tags, configuration.labels),
    cpu: first(overrides.cpu, definition.cpu, override.cpu, main.cpu, configuration.cpu),
    memory: first(overrides.memory, definition.memory, override.memory, main.memory, configuration.memory),
    family: first(definition.family, configuration.family),
    cluster: first(request.cluster, configuration.cluster),
    launch_type: first(request.launchType, configuration.launch_type),
    capacity_provider_strategy: first(request.capacityProviderStrategy, configuration.capacity_provider_strategy),
    task_definition_arn: first(request.taskDefinition, configuration.task_definition_arn),
    network_configuration: first(awsvpcOf(request.networkConfiguration), awsvpcOf(given), given),
    cpu_architecture: first(asRecord(definition.runtimePlatform).cpuArchitecture, configuration.cpu_architecture),
  }
}

function awsvpcOf(network: unknown): unknown {
  return asRecord(network).awsvpcConfiguration
}

function first(...values: readonly unknown[]): unknown {
  return values.find((value) => value !== undefined && value !== null && value !== '')
}

function pick(record: Variables, names: readonly string[]): Variables {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)))
}

function withoutUnset(record: Variables): Variables {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null))
}

function asRecord(value: unknown): Variables {
  return isRecord(value) ? value : {}
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
