import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Kept between runs, so that only the first one fetches anything. */
const CACHE = join(import.meta.dirname, '..', '..', '..', '.cache', 'prefect')
const UV = 'uv==0.13.9'

/**
 * The Prefect that journeys are made with: the newest of the major version 3, the first that runs without WebSockets,
 * and the last that has agents.
 */
export const RELEASES = {
  newest: 'prefect>=3,<4',
  // It imports importlib-metadata without declaring it, and no other dependency installs it any more.
  floor: 'prefect==3.6.25 importlib-metadata',
  // Its flows fail with anyio 4.14, which expects of task groups what this release's own do not have.
  two: 'prefect==2.20.25 anyio<4.14',
} as const
export type Release = keyof typeof RELEASES

/** An installed Prefect. */
export interface PrefectEnvironment {
  /** Its version, as it reports it. */
  version: string
  /** The folder of its programs. */
  bin: string
}

export type PrefectEnvironments = Record<Release, PrefectEnvironment>

/**
 * Installs every release from PyPI, each into its own virtual environment. Throws an error that names what is
 * unavailable.
 */
export async function installReleases(): Promise<PrefectEnvironments> {
  const uv = await installUv()
  const installed = {} as PrefectEnvironments
  // One after the other: they share uv's cache, and two cores.
  for (const release of Object.keys(RELEASES) as Release[]) installed[release] = await install(uv, release)
  return installed
}

/** Installs one release, as `installReleases` does all. */
export async function installRelease(release: Release): Promise<PrefectEnvironment> {
  return await install(await installUv(), release)
}

/** uv installs a release in seconds, where pip takes minutes for the three. */
async function installUv(): Promise<string> {
  const folder = join(CACHE, 'uv')
  const uv = join(folder, 'bin', 'uv')
  if (existsSync(uv)) return uv
  await run('python3', ['-m', 'venv', folder])
  await run(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', UV])
  return uv
}

async function install(uv: string, release: Release): Promise<PrefectEnvironment> {
  const folder = join(CACHE, release)
  const bin = join(folder, 'bin')
  const stamp = join(folder, 'installed.txt')
  const wanted = RELEASES[release]
  const pinned = wanted.includes('==')
  if (pinned && existsSync(stamp) && readFileSync(stamp, 'utf8').startsWith(`${wanted}\n`)) return read(stamp, bin)
  mkdirSync(CACHE, { recursive: true })
  if (!existsSync(join(bin, 'python'))) await run(uv, ['venv', '--quiet', '--python', PYTHON, folder])
  const overrides = join(CACHE, 'overrides.txt')
  writeFileSync(overrides, ANY_CERTIFICATES)
  const target = ['--python', join(bin, 'python'), '--override', overrides]
  try {
    await run(uv, ['pip', 'install', '--quiet', ...(pinned ? [] : ['--upgrade']), ...target, ...wanted.split(' ')])
  } catch (error) {
    // Offline, what was the newest at the last run will do.
    if (existsSync(stamp)) return read(stamp, bin)
    throw error
  }
  const { stdout } = await run(join(bin, 'python'), ['-c', 'import prefect; print(prefect.__version__)'])
  writeFileSync(stamp, `${wanted}\n${stdout.trim()}\n`)
  return read(stamp, bin)
}

/** All three releases run on these. */
const PYTHON = '>=3.10,<3.13'
/**
 * The newest release may ask for a bundle of root certificates that a mirror of PyPI does not have yet. On loopback no
 * certificate is checked.
 */
const ANY_CERTIFICATES = 'certifi\n'

function read(stamp: string, bin: string): PrefectEnvironment {
  return { version: readFileSync(stamp, 'utf8').split('\n')[1] ?? '', bin }
}
