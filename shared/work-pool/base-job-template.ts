import { isRecord } from '#shared/json/is-record.ts'

/** `{{ name }}`, as Prefect's templates write it (prefect/utilities/templating). */
const PLACEHOLDER = /\{\{\s*([\w.\-[\]$]+)\s*\}\}/g
/** Filled in from elsewhere than the pool's variables. */
const ELSEWHERE = /^(?:prefect\.(?:blocks|variables)\.|\$|ctx\.)/

/**
 * The problem with a pool's base job template, in one sentence; undefined when nothing is (Prefect's rules, and its
 * words). An empty template is a pool whose first worker will bring one.
 */
export function templateProblem(template: Record<string, unknown>): string | undefined {
  if (Object.keys(template).length === 0) return undefined
  const { job_configuration: configuration, variables } = template
  if (!isRecord(configuration) || !isRecord(variables)) {
    return 'The `base_job_template` must contain both a `job_configuration` key and a `variables` key.'
  }
  const declared = isRecord(variables.properties) ? variables.properties : {}
  const used = new Set(placeholdersIn(configuration).filter((name) => !ELSEWHERE.test(name)))
  const undeclared = [...used].filter((name) => !Object.hasOwn(declared, name)).toSorted()
  if (undeclared.length === 0) return undefined
  return (
    'The variables specified in the job configuration template must be present as properties in the variables schema. ' +
    `Your job configuration uses the following undeclared variable(s): ${undeclared.join(', ').slice(0, 500)}.`
  )
}

/** Every placeholder name in a piece of JSON; requests are checked for depth before, so this may recurse. */
function placeholdersIn(value: unknown): string[] {
  if (typeof value === 'string') return [...value.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '')
  if (value !== null && typeof value === 'object') return Object.values(value).flatMap(placeholdersIn)
  return []
}
