import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const REPOSITORY = join(import.meta.dirname, '..', '..', '..')
/** Kept between runs, so that only the first one fetches anything. */
export const CACHE = join(REPOSITORY, '.cache', 'package')

const run = promisify(execFile)

/** Runs npm to its end; returns what it wrote to standard output, and raises an error with all of it when it fails. */
export async function npm(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']
  const { stdout } = await run('npm', [...args, ...quiet, `--cache=${join(CACHE, 'npm')}`], {
    cwd: REPOSITORY,
    ...options,
  })
  return stdout
}
