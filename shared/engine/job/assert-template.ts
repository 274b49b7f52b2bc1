import { templateProblems } from '#shared/ecs-task/plan-job.ts'
import { invalidField } from '#shared/errors.ts'
import { TemplateError } from '#shared/template/nested.ts'
import { templateProblem } from '#shared/work-pool/base-job-template.ts'
import { isPushPool } from '#shared/work-pool/work-pool.ts'
import { assertItemSize } from './assert-item-size.ts'

/** Raises invalid for a job template that yields no job, and too_large for one that can't be stored. */
export function assertTemplate(template: Record<string, unknown>): void {
  const problem = templateProblem(template)
  if (problem) throw invalidField(['body', 'base_job_template'], problem)
  assertItemSize('base_job_template', template)
}

/** Raises invalid where a push pool could launch nothing by this template. Other pools' templates are for their workers. */
export function assertLaunchable(type: string, template: Record<string, unknown>): void {
  if (!isPushPool(type)) return
  try {
    const [problem] = templateProblems(template)
    if (problem) throw invalidField(['body', 'base_job_template', ...problem.variable.split('.')], problem.msg)
  } catch (error) {
    throw error instanceof TemplateError ? invalidField(['body', 'base_job_template'], error.message) : error
  }
}
