import { isRecord } from '#shared/json/is-record.ts'
import { MAIN_CONTAINER } from './ecs-task.ts'
import { COMMAND_FORM, type JobProblem, parseCommand } from './job.ts'
import { applyRules, CONTAINER, CONTAINER_OVERRIDE } from './member-rules.ts'
import { mergePairs } from './merge-pairs.ts'

type Variables = Record<string, unknown>

/** The containers of a task: the one that does the work, and others beside it. */
export interface Containers {
  /** Of the one that does the work. */
  name: string
  /** Its definition and its override as the template has them; empty when it says nothing. */
  main: Variables
  override: Variables
  /** What of these two is handed to ECS as it is. */
  mainMembers: Variables
  overrideMembers: Variables
  /** Definitions of the others, as ECS takes them but for their secrets, which are a map. */
  sidecars: Variables[]
  problems: JobProblem[]
}

const DEFINITIONS = 'task_definition.containerDefinitions'
const OVERRIDES = 'task_run_request.overrides.containerOverrides'
/** What Prefect's worker looks for when no name is given; then it takes the first. */
const PREFECT_CONTAINER = 'prefect'

/** Distinguishes the main container from others, as Prefect's ECS worker does, and parses both. */
export function parseContainers(containerName: unknown, definitions: unknown, overrides: unknown): Containers {
  const containers = recordsIn(definitions)
  const named = containers.map((each) => each.name).filter((name) => typeof name === 'string')
  const wanted = typeof containerName === 'string' && containerName !== '' ? containerName : undefined
  const name = wanted ?? (named.includes(PREFECT_CONTAINER) ? PREFECT_CONTAINER : named[0]) ?? MAIN_CONTAINER
  const isMain = (each: Variables) => (each.name ?? name) === name
  const at = containers.findIndex(isMain)
  const main = containers[at] ?? {}
  const allOverrides = recordsIn(overrides)
  const override = allOverrides.find(isMain) ?? {}
  const rules = applyRules(main, `${DEFINITIONS}.${Math.max(at, 0)}`, CONTAINER)
  const overrideRules = applyRules(override, OVERRIDES, CONTAINER_OVERRIDE)
  const others = containers.flatMap((each, index) => (index === at ? [] : [{ each, index }]))
  const sidecars = others.map(({ each, index }) => parseSidecar(each, `${DEFINITIONS}.${index}`))
  const problems = [...rules.problems, ...overrideRules.problems, ...sidecars.flatMap((sidecar) => sidecar.problems)]
  if (at < 0 && containers.length > 0)
    problems.push({ variable: 'container_name', msg: `is not one of the containers in ${DEFINITIONS}` })
  if (!allOverrides.every(isMain))
    problems.push({ variable: OVERRIDES, msg: `can only be set for the container '${name}'` })
  return {
    name,
    main,
    override,
    mainMembers: rules.kept,
    overrideMembers: overrideRules.kept,
    sidecars: sidecars.map((sidecar) => sidecar.definition),
    problems,
  }
}

/** A container beside the one that does the work. ECS gives it what its definition says, and nothing of the run. */
function parseSidecar(given: Variables, path: string): { definition: Variables; problems: JobProblem[] } {
  const { kept, problems } = applyRules(given, path, CONTAINER)
  const { name, image, command, environment, secrets, cpu, memory, essential } = given
  const env = mergePairs(environment)
  const wants: [string, boolean, string][] = [
    ['name', typeof name === 'string' && name !== '', 'is required with more than one container'],
    ['image', typeof image === 'string' && image !== '', 'is required'],
    ['command', (command ?? null) === null || parseCommand(command) !== undefined, COMMAND_FORM],
    ['environment', env === undefined || isRecord(env), 'must map names to strings'],
  ]
  const wrong = wants.filter(([, right]) => !right).map(([member, , msg]) => ({ variable: `${path}.${member}`, msg }))
  const variables = Object.entries(isRecord(env) ? env : {}).filter(([, value]) => value !== null)
  const definition = {
    ...kept,
    name,
    image,
    command: parseCommand(command),
    environment: variables.map(([variable, value]) => ({ name: variable, value: String(value) })),
    secrets: mergePairs(secrets),
    cpu,
    memory,
    essential,
  }
  return { definition: withoutUnset(definition), problems: [...problems, ...wrong] }
}

function withoutUnset(record: Variables): Variables {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined && value !== null))
}

/** The objects of a list, empty ones left out. */
function recordsIn(list: unknown): Variables[] {
  return Array.isArray(list) ? list.filter((item) => isRecord(item) && Object.keys(item).length > 0) : []
}
