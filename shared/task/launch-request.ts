import type { Deployment } from '../deployment/deployment.ts'
import type { FlowRun } from '../flow-run/flow-run.ts'
import { OVERRIDES_CHARS_MAX } from '../limits.ts'
import type { WorkPool } from '../work-pool/work-pool.ts'
import { mergeJobVariables, readJob } from './job.ts'
import { identityEnv, identityLabels, nameEnv } from './run-identity.ts'
import { type LaunchRequest, launchToken, MAIN_CONTAINER, startedByOf } from './task.ts'

/** What Prefect's own workers run in a container when nothing else is asked for. */
const FLOW_COMMAND = ['prefect', 'flow-run', 'execute']

export type LaunchDecision =
  | { kind: 'launch'; request: LaunchRequest }
  | { kind: 'impossible'; end: 'CRASHED' | 'CANCELLED'; reason: string }

export interface LaunchSubject {
  run: FlowRun
  /** Undefined when the run has none, or when it was deleted meanwhile. */
  deployment: Deployment | undefined
  /** Undefined when it was deleted meanwhile; so is the flow's name. */
  pool: Pick<WorkPool, 'baseJobTemplate' | 'name'> | undefined
  flowName: string | undefined
  apiUrl: string
}

/**
 * What to start for a run's current generation and attempt. Pure, so that a repeated launch makes the same request and
 * ECS knows it by its token.
 */
export function launchRequest({ run, deployment, pool, flowName, apiUrl }: LaunchSubject): LaunchDecision {
  if (run.deploymentId && !deployment) {
    return { kind: 'impossible', end: 'CANCELLED', reason: `Deployment ${run.deploymentId} has been deleted.` }
  }
  const attempt = run.launch?.attempt ?? 1
  const variables = mergeJobVariables(
    pool?.baseJobTemplate ?? {},
    deployment?.jobVariables ?? {},
    run.details.jobVariables,
  )
  const { job, problems } = readJob(variables)
  const problem = problems[0]
  if (problem)
    return { kind: 'impossible', end: 'CRASHED', reason: `Job variable '${problem.variable}' ${problem.msg}.` }
  const command = job.command ?? (run.job === 'flow' ? FLOW_COMMAND : null)
  if (!command) return { kind: 'impossible', end: 'CRASHED', reason: 'There is no command to run.' }
  const identity = { run, deployment, flowName, poolName: pool?.name }
  const request: LaunchRequest = {
    token: launchToken(run, run.generation, attempt),
    startedBy: startedByOf(run.id, run.generation),
    runId: run.id,
    name: run.details.name,
    labels: identityLabels(identity),
    command,
    image: job.image,
    env: identityEnv(identity, apiUrl, job.env),
    cpu: job.cpu,
    memoryMib: job.memoryMib,
    configuration: variables,
  }
  return { kind: 'launch', request: withNames(request, nameEnv(identity)) }
}

/** Names may be long; where they would make the overrides too long, the flow does without. */
function withNames(request: LaunchRequest, names: Record<string, string>): LaunchRequest {
  const named = { ...request, env: { ...request.env, ...names } }
  return overridesChars(named) <= OVERRIDES_CHARS_MAX ? named : request
}

type Overridden = Pick<LaunchRequest, 'command' | 'env' | 'cpu' | 'memoryMib' | 'configuration'>

/** A request's container overrides in ECS's form. Never roles, and never secrets: they show in events and descriptions. */
export function overridesOf({ command, env, cpu, memoryMib, configuration }: Overridden) {
  const named = configuration.container_name
  const container = {
    name: typeof named === 'string' ? named : MAIN_CONTAINER,
    command,
    environment: Object.entries(env).map(([name, value]) => ({ name, value })),
    ...(cpu === null ? {} : { cpu }),
    ...(memoryMib === null ? {} : { memory: memoryMib }),
  }
  return { containerOverrides: [container] }
}

/** Characters of the overrides as ECS counts them, JSON included. */
export function overridesChars(request: Overridden): number {
  return JSON.stringify(overridesOf(request)).length
}
