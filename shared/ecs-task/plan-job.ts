import { isRecord } from '#shared/json/is-record.ts'
import { asNumber } from '#shared/json/written-number.ts'
import { type Found, resolveReferences } from '#shared/template/references.ts'
import { fillConfiguration, mergeLayers, parseTemplate } from '#shared/work-pool/job-configuration.ts'
import { type Job, type JobProblem, mergeJobVariables, parseJob } from './job.ts'
import { flatSettings, type JobSettings, parseMembers, settingsOf } from './job-settings.ts'
import type { LaunchExtras } from './launch-extras.ts'
import { secretProblem } from './secret-shape.ts'

type Variables = Record<string, unknown>

/** Where the settings of a job come from: the pool's template, and the job variables of deployment and run. */
export interface JobLayers {
  template: Variables
  deployment: Variables
  run: Variables
}

/** A job whose placeholders are filled with job variables, but whose references are not looked up yet. */
export type FilledJob = { kind: 'variables'; values: Variables } | { kind: 'configuration'; values: Variables }

/** The launch of a job; problems say why it can't be launched. */
export interface PlannedJob extends JobSettings {
  job: Job
  problems: JobProblem[]
}

/**
 * Fills a pool's template with job variables. A template without a job configuration is none: the variables count as
 * they are, references and all. Raises TemplateError.
 */
export function fillJob({ template, deployment, run }: JobLayers): FilledJob {
  const base = parseTemplate(template)
  if (!base.configuration) return { kind: 'variables', values: mergeJobVariables(template, deployment, run) }
  const given = mergeLayers(deployment, run)
  return { kind: 'configuration', values: parseMembers(fillConfiguration(base, given), given) }
}

/** Reads a job from its filled template, with what its references stand for. Raises TemplateError. */
export function planJob(filled: FilledJob, found: Found): PlannedJob {
  if (filled.kind === 'variables') return withJob(flatSettings(filled.values))
  const configuration = resolveReferences(filled.values, found) as Variables
  const planned = withJob(settingsOf(configuration))
  // ECS shows overrides and tags to every reader, also those that came from a variable of the service.
  const secret = secretProblem(configuration)
  return secret ? { ...planned, problems: [secret, ...planned.problems] } : planned
}

function withJob({ variables, extras, ...settings }: JobSettings): PlannedJob {
  const { job, problems } = parseJob(variables)
  return {
    job,
    variables: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, TEXTUAL.has(name) ? value : withPlainNumbers(value)]),
    ),
    extras: withPlainNumbers(extras) as LaunchExtras,
    problems: [...settings.problems, ...problems],
  }
}

/** Variables whose members end as texts, in which a number keeps its form. */
const TEXTUAL: ReadonlySet<string> = new Set(['env', 'labels'])

/** JSON with JavaScript's numbers, which is all that ECS's settings can hold. */
function withPlainNumbers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withPlainNumbers)
  if (!isRecord(value)) return asNumber(value)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withPlainNumbers(member)]))
}

/**
 * The problems of a push pool's template independent of job variables, with its references unresolved. Raises
 * TemplateError.
 */
export function templateProblems(template: Variables): JobProblem[] {
  const { kind, values } = fillJob({ template, deployment: {}, run: {} })
  const found = kind === 'configuration' ? settingsOf(values).problems : []
  const problems = found.map(({ variable, msg }) => ({ variable: `job_configuration.${variable}`, msg }))
  const secret = secretProblem(template)
  return secret ? [...problems, secret] : problems
}
