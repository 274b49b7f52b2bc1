import { templateProblems } from '#shared/ecs-task/plan-job.ts'
import { DomainError, invalidField } from '#shared/errors.ts'
import { ITEM_BYTES_MAX } from '#shared/limits.ts'
import { TemplateError } from '#shared/template/nested.ts'
import { templateProblem } from '#shared/work-pool/base-job-template.ts'
import { isPushPool, isReservedPoolName } from '#shared/work-pool/work-pool.ts'

/** Raises forbidden for the names that Prefect's API keeps for itself. */
export function refuseReservedName(name: string): void {
  if (!isReservedPoolName(name)) return
  throw new DomainError('forbidden', "Worker pools starting with 'Prefect' are reserved for internal use.")
}

/** Raises invalid for a job template that no job could be made from, and too_large for one that can't be stored. */
export function refuseUnusableTemplate(template: Record<string, unknown>): void {
  const problem = templateProblem(template)
  if (problem) throw invalidField(['body', 'base_job_template'], problem)
  refuseLarge('base_job_template', template)
}

/** Raises invalid where a push pool could launch nothing by this template. Other pools' templates are for their workers. */
export function refuseUnlaunchable(type: string, template: Record<string, unknown>): void {
  if (!isPushPool(type)) return
  try {
    const [problem] = templateProblems(template)
    if (problem) throw invalidField(['body', 'base_job_template', ...problem.variable.split('.')], problem.msg)
  } catch (error) {
    throw error instanceof TemplateError ? invalidField(['body', 'base_job_template'], error.message) : error
  }
}

/** Raises too_large for free-form JSON that would not fit into its item. */
export function refuseLarge(field: string, value: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes <= ITEM_BYTES_MAX) return
  throw new DomainError(
    'too_large',
    `body.${field}: is ${bytes} bytes of JSON, more than the ${ITEM_BYTES_MAX} allowed.`,
  )
}
