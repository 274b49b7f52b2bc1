import { OVERRIDES_CHARS_MAX } from '#shared/bounds.ts'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Flow } from '#shared/flow/flow.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { TemplateError } from '#shared/template/nested.ts'
import { type Found, NOTHING_FOUND } from '#shared/template/references.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { type LaunchRequest, launchToken, MAIN_CONTAINER, startedByOf } from './ecs-task.ts'
import { ecsTaskNameOf } from './ecs-task-name.ts'
import { type FilledJob, fillJob, planJob } from './plan-job.ts'
import { identityEnv, identityLabels, nameEnv } from './run-identity.ts'

/** The default command of Prefect's workers in a container. */
const FLOW_COMMAND = ['prefect', 'flow-run', 'execute']

export type LaunchDecision =
  | { kind: 'launch'; request: LaunchRequest }
  | { kind: 'impossible'; end: 'CRASHED' | 'CANCELLED'; reason: string }

export interface LaunchSubject {
  run: FlowRun
  /** Undefined when the run has none, or it was deleted. */
  deployment: Deployment | undefined
  /** Undefined if deleted. */
  pool: Pick<WorkPool, 'baseJobTemplate' | 'name'> | undefined
  flow: Flow | undefined
  apiUrl: string
  /** What the job refers to (see `filledJobOf`), as far as it exists; or why it could not be looked up. */
  found?: Found | TemplateError
}

/** A run's job before its references are looked up. Raises TemplateError. */
export function filledJobOf({ run, deployment, pool }: Pick<LaunchSubject, 'run' | 'deployment' | 'pool'>): FilledJob {
  const template = pool?.baseJobTemplate ?? {}
  return fillJob({ template, deployment: deployment?.jobVariables ?? {}, run: run.details.jobVariables })
}

/**
 * What to start for a run's current generation and attempt. Pure, so that a repeated launch sends the same request and
 * ECS knows it by its token.
 */
export function launchRequest(subject: LaunchSubject): LaunchDecision {
  const { run, deployment } = subject
  if (run.deploymentId && !deployment) {
    return { kind: 'impossible', end: 'CANCELLED', reason: `Deployment ${run.deploymentId} has been deleted.` }
  }
  try {
    return decide(subject)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return { kind: 'impossible', end: 'CRASHED', reason: error.message }
  }
}

function decide({ run, deployment, pool, flow, apiUrl, found = NOTHING_FOUND }: LaunchSubject): LaunchDecision {
  if (found instanceof TemplateError) throw found
  const filled = filledJobOf({ run, deployment, pool })
  const { job, variables, extras, problems } = planJob(filled, found)
  const problem = problems[0]
  if (problem)
    return { kind: 'impossible', end: 'CRASHED', reason: `Job variable '${problem.variable}' ${problem.msg}.` }
  const command = job.command ?? (run.job === 'flow' ? FLOW_COMMAND : null)
  if (!command) return { kind: 'impossible', end: 'CRASHED', reason: 'There is no command to run.' }
  const identity = { run, deployment, flowName: flow?.name, poolName: pool?.name }
  const request: LaunchRequest = {
    token: launchToken(run, run.launch?.attempt ?? 1),
    startedBy: startedByOf(run),
    runId: run.id,
    name: filled.kind === 'configuration' ? ecsTaskNameOf(variables.name, run, flow) : run.details.name,
    labels: identityLabels(identity),
    command,
    image: job.image,
    env: identityEnv(identity, apiUrl, job.env),
    cpu: job.cpu,
    memoryMib: job.memoryMib,
    configuration: variables,
    extras,
  }
  return { kind: 'launch', request: withNames(request, nameEnv(identity)) }
}

/** Names may be long; where they would make the overrides too long, the flow does without. */
function withNames(request: LaunchRequest, names: Record<string, string>): LaunchRequest {
  const named = { ...request, env: { ...request.env, ...names } }
  return overridesChars(named) <= OVERRIDES_CHARS_MAX ? named : request
}

type Overridden = Pick<LaunchRequest, 'command' | 'env' | 'cpu' | 'memoryMib' | 'configuration' | 'extras'>

/**
 * A request's overrides in ECS's form. Never roles, and never secrets: they show in events and descriptions. One
 * container may have the whole task; where there are others, the definition says how they share.
 */
export function overridesOf({ command, env, cpu, memoryMib, configuration, extras }: Overridden) {
  const named = configuration.container_name
  const alone = extras.sidecars.length === 0
  const container = {
    ...extras.containerOverride,
    name: typeof named === 'string' ? named : MAIN_CONTAINER,
    command,
    environment: Object.entries(env).map(([name, value]) => ({ name, value })),
    ...(cpu !== null && alone ? { cpu } : {}),
    ...(memoryMib !== null && alone ? { memory: memoryMib } : {}),
  }
  return { ...extras.overrides, containerOverrides: [container] }
}

/** Characters of the overrides as ECS counts them, JSON included. */
export function overridesChars(request: Overridden): number {
  return JSON.stringify(overridesOf(request)).length
}
