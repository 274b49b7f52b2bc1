import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import { jobProblems, type JobSubject } from '../task/check-job.ts'

/** Raises invalid, naming the job variables, when no job could be launched from them. */
export function refuseUnusableJob(deps: Pick<Deps, 'settings'>, subject: Omit<JobSubject, 'apiUrl'>): void {
  const problems = jobProblems({ ...subject, apiUrl: deps.settings.apiUrl })
  const fields = problems.map(({ variable, msg }) => ({
    loc: ['body', 'job_variables', ...variable.split('.')],
    msg,
    type: 'value_error',
  }))
  const first = fields[0]
  if (first) throw new DomainError('invalid', `${first.loc.join('.')}: ${first.msg}`, fields)
}
