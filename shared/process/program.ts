import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'

const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TMPDIR']

/** A child's environment: what any program expects, and what is given for it; never the rest of our own. */
export function childEnvironment(
  own: Record<string, string | undefined>,
  given: Record<string, string>,
): Record<string, string> {
  const env: Record<string, string> = {}
  for (const name of PASSED_ON) {
    const value = own[name]
    if (value !== undefined) env[name] = value
  }
  return { ...env, ...given }
}

/**
 * The full path of the program that a command names, or why there is none. The full path is also what keeps the
 * supervisor's shell from taking a command such as `echo` or `eval` for one of its own.
 */
export function findProgram(name: string | undefined, cwd: string, path = ''): { path: string } | { problem: string } {
  if (name === undefined || name === '') return { problem: 'no command specified' }
  const candidates = name.includes('/')
    ? [resolve(cwd, name)]
    : path.split(delimiter).map((folder) => resolve(cwd, folder, name))
  let problem = 'no such file or directory'
  for (const candidate of candidates) {
    try {
      if (!statSync(candidate).isFile()) problem = 'permission denied'
      else {
        accessSync(candidate, constants.X_OK)
        return { path: candidate }
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EACCES') problem = 'permission denied'
    }
  }
  return { problem }
}
