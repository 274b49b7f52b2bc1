import { findProgram } from '#shared/process/program.ts'
import type { ClaimedRun } from '../report/hand-out.ts'

/** Prefect's own command for the flow run that the environment names, in 2.20 and 3.x. */
export const EXECUTE_FLOW = ['flow-run', 'execute']
const PYTHONS = ['python', 'python3']

/** What is started for a run on this host. Prefect need not be on the PATH: its package has the command, too. */
export function runCommand({ job }: ClaimedRun, cwd: string, path: string | undefined): readonly string[] {
  if (job.command && job.command.length > 0) return job.command
  if (job.kind === 'command') return []
  const isThere = (program: string) => 'path' in findProgram(program, cwd, path)
  if (isThere('prefect')) return ['prefect', ...EXECUTE_FLOW]
  const python = PYTHONS.find(isThere)
  return python === undefined ? ['prefect', ...EXECUTE_FLOW] : [python, '-m', 'prefect', ...EXECUTE_FLOW]
}
