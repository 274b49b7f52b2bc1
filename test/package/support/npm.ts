import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const REPOSITORY = join(import.meta.dirname, '..', '..', '..')
/** Kept between runs, so that only the first one fetches anything. */
export const CACHE = join(REPOSITORY, '.cache', 'package')

const run = promisify(execFile)

/** Runs npm to its end; returns its standard output, and throws an error with all output when it fails. */
export async function npm(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  const { stdout } = await run('npm', [...args, ...quiet, `--cache=${join(CACHE, 'npm')}`], {
    cwd: REPOSITORY,
    ...options,
  })
  return stdout
}
