import { OVERRIDES_CHARS_MAX } from '#shared/bounds.ts'
import type { JobProblem } from './job.ts'
import { overridesChars } from './launch-request.ts'
import type { PlannedJob } from './plan-job.ts'
import { secretProblem } from './secret-shape.ts'

/** The job variables of a run or a deployment, layer by layer, with what decides how they are read. */
export interface JobSubject {
  /** Undefined for what no pool runs. */
  pool: { type: string; baseJobTemplate: Record<string, unknown> } | undefined
  /** The deployment's variables. */
  deployment: Record<string, unknown>
  /** The run's own; empty while a deployment is checked. */
  run: Record<string, unknown>
  apiUrl: string
}

/** Roles are the operator's: choosing one would grant all of its permissions. */
const OPERATOR_ONLY = ['task_role_arn', 'execution_role_arn']
/** What a launch adds: the variables that tell the work who it is (see run-identity.ts), JSON included. */
const OWN_ENV_CHARS = 800
const OWN_ENV_URLS = 2

/**
 * What is wrong with job variables, so that they are rejected on input rather than by a launch. `planned` is what would
 * be launched; only push pools launch from here, and what other pools' variables mean is up to their workers'
 * templates.
 */
export function jobProblems({ deployment, run, apiUrl }: JobSubject, planned: PlannedJob | undefined): JobProblem[] {
  const given = [deployment, run]
  const secrets = given.flatMap((layer) => secretProblem(layer) ?? [])
  if (!planned) return secrets
  const all = [...secrets, ...given.flatMap(roleProblems), ...planned.problems, ...sizeProblems(planned, apiUrl)]
  // A layer's problem also shows in the plan made from it.
  return [...new Map(all.toReversed().map((problem) => [problem.variable, problem])).values()].toReversed()
}

function roleProblems(layer: Record<string, unknown>): JobProblem[] {
  const given = OPERATOR_ONLY.filter((name) => layer[name] !== undefined && layer[name] !== null)
  return given.map((variable) => ({ variable, msg: "is set by the stack's operator, not per deployment or run" }))
}

function sizeProblems({ job, variables, extras }: PlannedJob, apiUrl: string): JobProblem[] {
  const { command, env, cpu, memoryMib } = job
  const request = { command: command ?? [], env, cpu, memoryMib, configuration: variables, extras }
  const chars = overridesChars(request) + OWN_ENV_CHARS + OWN_ENV_URLS * apiUrl.length
  if (chars <= OVERRIDES_CHARS_MAX) return []
  const variable = JSON.stringify(env).length > JSON.stringify(command ?? []).length ? 'env' : 'command'
  const msg = `brings the task's overrides to ${chars} characters; ECS accepts at most ${OVERRIDES_CHARS_MAX}`
  return [{ variable, msg }]
}
