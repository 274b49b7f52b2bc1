import type { Deps } from '#shared/deps.ts'
import { type JobSubject, jobProblems } from '#shared/ecs-task/job-problems.ts'
import type { PlannedJob } from '#shared/ecs-task/plan-job.ts'
import { DomainError } from '#shared/errors.ts'
import { isPushPool } from '#shared/work-pool/work-pool.ts'
import { planPushJob } from './plan-push-job.ts'

/**
 * Returns the launchable job. Raises invalid, naming the job variables, when there is none. Only push pools are
 * launched from here: what job variables mean to others is up to their workers' templates.
 */
export async function planLaunchableJob(
  deps: Deps,
  subject: Omit<JobSubject, 'apiUrl'>,
): Promise<PlannedJob | undefined> {
  const { pool, deployment, run } = subject
  const push = pool !== undefined && isPushPool(pool.type)
  const planned = push ? await planPushJob(deps, { template: pool.baseJobTemplate, deployment, run }) : undefined
  const problems = jobProblems({ ...subject, apiUrl: deps.settings.apiUrl }, planned)
  const fields = problems.map(({ variable, msg }) => ({
    loc: ['body', 'job_variables', ...variable.split('.')],
    msg,
    type: 'value_error',
  }))
  const first = fields[0]
  if (first) throw new DomainError('invalid', `${first.loc.join('.')}: ${first.msg}`, fields)
  return planned
}
