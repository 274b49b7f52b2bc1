import type { Deps } from '#shared/deps.ts'
import { fillJob, type JobLayers, type PlannedJob, planJob } from '#shared/ecs-task/plan-job.ts'
import { invalidField } from '#shared/errors.ts'
import { TemplateError } from '#shared/template/nested.ts'
import { getReferences } from './get-references.ts'

/** The job that a push pool would launch now. Raises invalid where template and job variables conflict. */
export async function planPushJob(deps: Deps, layers: JobLayers): Promise<PlannedJob> {
  try {
    const filled = fillJob(layers)
    return planJob(filled, await getReferences(deps, filled))
  } catch (error) {
    if (error instanceof TemplateError) throw invalidField(['body', 'job_variables'], error.message)
    throw error
  }
}
