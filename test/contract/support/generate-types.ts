import { execFile } from 'node:child_process'
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..', '..')
const PROJECT = join(import.meta.dirname, 'openapi-typescript')
/** Kept between runs, so that only the first one fetches anything. */
const CACHE = join(ROOT, '.cache', 'openapi-typescript')
const GENERATOR = join(CACHE, 'node_modules', 'openapi-typescript', 'bin', 'cli.js')
const LOCK = 'package-lock.json'

/**
 * Installs openapi-typescript as its lock file says. A folder of its own is needed: it asks for TypeScript 5 as a peer,
 * and npm puts no peer beside another version of it.
 */
export async function installGenerator(): Promise<void> {
  const [wanted, there] = [PROJECT, join(CACHE, 'node_modules')].map((folder) => lockOf(folder))
  if (there !== undefined && there === wanted) return
  rmSync(CACHE, { recursive: true, force: true })
  cpSync(PROJECT, CACHE, { recursive: true })
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: CACHE })
  // Only once the install is complete, so that an interrupted one does not count.
  cpSync(join(PROJECT, LOCK), join(CACHE, 'node_modules', LOCK))
}

function lockOf(folder: string): string | undefined {
  const file = join(folder, LOCK)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** Writes the types of an OpenAPI document to a file, as users of the API would. */
export async function generateTypes(document: string, file: string): Promise<void> {
  await run(process.execPath, [GENERATOR, document, '--output', file])
}

/** What our TypeScript reports for a program; empty when it finds nothing wrong. */
export async function typeErrors(file: string): Promise<string> {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--allowImportingTsExtensions']
  // The project's own configuration is not meant for a program outside of it.
  const args = [tsc, ...options, '--ignoreConfig', '--types', '', file]
  return await run(process.execPath, args).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  )
}
