import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { FolderInUse, takeLock } from '../../local/lock.ts'
import { replaceFile } from '../../local/replace-file.ts'
import { CliError, EXIT_CODE } from '../exit-code.ts'

/** Who an agent is, from start to start. No other process on this host is the same until it is released. */
export interface Identity {
  id: string
  name: string
  host: string
  /** Where its files are. */
  folder: string
  release(): void
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const AGENTS_MAX = 1_000

/** Where identities are kept, by the XDG base directory specification, unless it is given. */
export function stateFolder(given: string | undefined, env: Record<string, string | undefined>): string {
  if (given !== undefined) return resolve(given)
  // "All paths must be absolute. If […] a relative path, [it should be considered] invalid and ignored."
  const base = env.XDG_STATE_HOME?.startsWith('/') ? env.XDG_STATE_HOME : join(homedir(), '.local', 'state')
  return join(base, 'pushpool')
}

/**
 * Takes the first identity that no living process has: a folder with an id and a lock. So a restart has the id of before,
 * and a second agent on the host is another, with its number in its name. Those with a name of their own have a row of
 * their own. Throws a sentence for people when the folder can't be used.
 */
export function takeIdentity(stateDir: string, givenName: string | undefined): Identity {
  const host = hostname()
  const row = join(stateDir, 'agents', givenName === undefined ? 'by-host' : `by-name-${fileNameOf(givenName)}`)
  for (let number = 1; number <= AGENTS_MAX; number += 1) {
    const folder = join(row, String(number))
    const lock = tryLock(folder)
    if (!lock) continue
    const name = number === 1 ? (givenName ?? host) : `${givenName ?? host}-${number}`
    return { id: idIn(folder), name, host, folder, release: () => lock.release() }
  }
  throw new CliError(EXIT_CODE.failed, `${row} has ${AGENTS_MAX} agents; take another folder with --state-dir.`)
}

function tryLock(folder: string): { release(): void } | undefined {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return takeLock(folder)
  } catch (error) {
    if (error instanceof FolderInUse) return undefined
    const { code = String(error) } = error as NodeJS.ErrnoException
    const advice = 'Choose another folder with --state-dir or PUSHPOOL_STATE_DIR.'
    throw new CliError(EXIT_CODE.failed, `The agent can't keep its identity in ${folder} (${code}). ${advice}`, {
      cause: error,
    })
  }
}

/** The id that is kept; one that is missing or was damaged is made anew. */
function idIn(folder: string): string {
  const path = join(folder, 'id')
  try {
    const kept = readFileSync(path, 'utf8').trim()
    if (UUID.test(kept)) return kept
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const id = randomUUID()
  replaceFile(path, `${id}\n`)
  return id
}

function fileNameOf(name: string): string {
  return encodeURIComponent(name).replaceAll('.', '%2E')
}
