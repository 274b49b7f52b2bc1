import type { Deps } from '#shared/deps.ts'
import { type Job, mergeJobVariables, parseJob } from '#shared/ecs-task/job.ts'
import { getReferences } from '#shared/engine/job/get-references.ts'
import type { LaunchContext } from '#shared/engine/job/launch-contexts.ts'
import type { FlowRun, JobKind } from '#shared/flow-run/flow-run.ts'
import { TemplateError } from '#shared/template/nested.ts'
import { resolveReferences } from '#shared/template/references.ts'
import { fillConfiguration, mergeLayers, parseTemplate } from '#shared/work-pool/job-configuration.ts'

type Variables = Record<string, unknown>

/** A job that an agent starts: what every executor needs, and the whole configuration for those that know more of it. */
export interface AgentJob extends Job {
  kind: JobKind
  configuration: Variables
}

/** What a job is read from beside the template's own members: variables of ours count wherever they are given. */
const OWN = ['command', 'env', 'image', 'cpu', 'memory', 'timeout_seconds']

/**
 * A pool's template filled with job variables; where it has no job configuration, the variables as they are. References
 * are still in it. Raises TemplateError.
 */
export function fillAgentJob(template: Variables, deployment: Variables, run: Variables): Variables {
  const base = parseTemplate(template)
  if (!base.configuration) return mergeJobVariables(template, deployment, run)
  const given = mergeLayers(deployment, run)
  const own = Object.fromEntries(OWN.flatMap((name) => (name in given ? [[name, given[name]]] : [])))
  const filled = fillConfiguration(base, given)
  return { ...own, ...filled }
}

/** The job of a claimed run, with all that it refers to; or why there is none, in a sentence. */
export async function agentJob(
  deps: Deps,
  run: FlowRun,
  { pool, deployment }: Pick<LaunchContext, 'pool' | 'deployment'>,
): Promise<AgentJob | { problem: string }> {
  try {
    const values = fillAgentJob(pool?.baseJobTemplate ?? {}, deployment?.jobVariables ?? {}, run.details.jobVariables)
    const found = await getReferences(deps, { kind: 'configuration', values })
    const configuration = resolveReferences(values, found) as Variables
    const { job, problems } = parseJob(configuration)
    const [first] = problems
    if (first) return { problem: `The job variable ${first.variable} ${first.msg}.` }
    const kind = job.command !== null && !deployment?.entrypoint ? 'command' : 'flow'
    return { ...job, kind, configuration }
  } catch (error) {
    if (error instanceof TemplateError) return { problem: error.message }
    throw error
  }
}
