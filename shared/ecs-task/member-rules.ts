import type { JobProblem } from './job.ts'

type Variables = Record<string, unknown>

/** Which members one part of a job configuration may have. */
export interface MemberRules {
  /** Handed to ECS as they are. */
  passed: readonly string[]
  /** Read for a setting, or covered by other members, so nothing in them is lost. */
  known: readonly string[]
}

/** Roles are the operator's: choosing one would grant all of its permissions. */
const ROLES = new Set(['taskRoleArn', 'executionRoleArn'])
export const ROLE_PROBLEM = "is set by the stack's operator, not by templates or job variables"

/** Of a container definition. What is not here could take over a host, read secrets, or send logs elsewhere. */
export const CONTAINER: MemberRules = {
  passed: [
    'entryPoint',
    'workingDirectory',
    'user',
    'ulimits',
    'healthCheck',
    'startTimeout',
    'stopTimeout',
    'readonlyRootFilesystem',
    'mountPoints',
    'portMappings',
    'dockerLabels',
    'memoryReservation',
    'resourceRequirements',
    'dependsOn',
    'interactive',
    'pseudoTerminal',
  ],
  known: ['name', 'image', 'command', 'environment', 'secrets', 'cpu', 'memory', 'essential'],
}

/** Of a task definition. What describes a registered one is dropped; network and compatibilities follow from the rest. */
export const DEFINITION: MemberRules = {
  passed: ['ephemeralStorage', 'volumes', 'placementConstraints'],
  known: [
    'containerDefinitions',
    'cpu',
    'memory',
    'family',
    'runtimePlatform',
    'networkMode',
    'requiresCompatibilities',
    'taskDefinitionArn',
    'revision',
    'status',
    'compatibilities',
    'requiresAttributes',
    'registeredAt',
    'registeredBy',
    'tags',
  ],
}

/** Of RunTask. */
export const REQUEST: MemberRules = {
  passed: ['platformVersion', 'placementConstraints', 'placementStrategy', 'group'],
  known: [
    'launchType',
    'capacityProviderStrategy',
    'cluster',
    'networkConfiguration',
    'overrides',
    'tags',
    'taskDefinition',
    'propagateTags',
    'enableECSManagedTags',
  ],
}

/** Of RunTask's overrides. */
export const OVERRIDES: MemberRules = { passed: ['ephemeralStorage'], known: ['containerOverrides', 'cpu', 'memory'] }

/** Of a container's overrides. */
export const CONTAINER_OVERRIDE: MemberRules = {
  passed: ['memoryReservation', 'resourceRequirements'],
  known: ['name', 'command', 'environment', 'cpu', 'memory'],
}

/** Of a volume: a name, and so a folder that the task's containers share. Others reach what is not the task's. */
export const VOLUME: MemberRules = { passed: ['name'], known: [] }

/** Of the options of awslogs. The group and its region are the operator's. */
export const LOG_OPTIONS: MemberRules = {
  passed: ['awslogs-stream-prefix', 'awslogs-datetime-format', 'awslogs-multiline-pattern', 'mode', 'max-buffer-size'],
  known: [],
}

/** The members that are handed on, and a problem for each that would be lost or may not be given. Null counts as unset. */
export function applyRules(
  part: Variables,
  path: string,
  { passed, known }: MemberRules,
): { kept: Variables; problems: JobProblem[] } {
  const given = Object.entries(part).filter(([, value]) => value !== null && value !== undefined)
  const problems = given
    .filter(([name]) => !passed.includes(name) && !known.includes(name))
    .map(([name]) => ({
      variable: `${path}.${name}`,
      msg: ROLES.has(name) ? ROLE_PROBLEM : "can't be set here; docs/job-templates.md lists what can",
    }))
  return { kept: Object.fromEntries(given.filter(([name]) => passed.includes(name))), problems }
}
