import { execFile } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, realpathSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'
import type { Bench } from '../workload.ts'
import { freePort } from './free-port.ts'
import { startProgram } from './program.ts'

const run = promisify(execFile)

/** Where Debian's packages put the programs of each major version; they are not on the PATH there. */
const DEBIAN = '/usr/lib/postgresql'
const USER = 'prefect'

/** The folder of PostgreSQL's programs: on the PATH, or Debian's newest; undefined where there are none. */
export function postgresPrograms(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter)
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : []
  const folders = [...onPath, ...debian.map((version) => join(DEBIAN, version, 'bin'))]
  const initdb = folders.map((folder) => join(folder, 'initdb')).find((file) => isAbsolute(file) && existsSync(file))
  // A link to one program need not have the others beside it.
  return initdb && dirname(realpathSync(initdb))
}

/** "postgres (PostgreSQL) 15.10 …" */
export async function postgresVersion(programs: string): Promise<string> {
  return (await run(join(programs, 'postgres'), ['--version'])).stdout.trim()
}

interface Postgres {
  pid: number
  /** Where a client finds an empty database: the user, the host and port, and the name. */
  address: string
}

/** Starts PostgreSQL with its own defaults, on a free port. */
export async function startPostgres(
  programs: string,
  { folder, onEnd }: Pick<Bench<unknown>, 'folder' | 'onEnd'>,
): Promise<Postgres> {
  const owner = await ownerOfServer()
  const data = join(folder, 'postgres')
  mkdirSync(data)
  // The server's user must get to its data through the folder above, which is its maker's alone.
  chmodSync(folder, 0o711)
  if (owner) chownSync(data, owner.uid, owner.gid)
  await run(join(programs, 'initdb'), ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8'], { ...owner, cwd: data })
  const port = String(await freePort())
  const isReady = () =>
    run(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', port]).then(
      () => true,
      () => false,
    )
  const args = ['-D', data, '-p', port, '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${data}`]
  const log = join(folder, 'postgres.log')
  const place = { ...owner, cwd: data, log, isReady, signal: 'SIGINT' as const, onEnd }
  const pid = await startProgram(join(programs, 'postgres'), args, place)
  return { pid, address: `${USER}@127.0.0.1:${port}/postgres` }
}

/** PostgreSQL refuses to run as root, so root runs it as the user that its package created. */
async function ownerOfServer(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (what) => Number((await run('id', [what, 'postgres'])).stdout)),
  )
  return { uid: uid ?? 0, gid: gid ?? 0 }
}
