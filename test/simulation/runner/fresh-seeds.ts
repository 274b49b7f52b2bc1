import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'

/** What fresh seeds are derived from, and in which words to say so. */
export interface Origin {
  text: string
  described: string
}

const ROOT = join(import.meta.dirname, '..', '..', '..')

/**
 * The commit before this one, so that a run before a push explores what CI will; the commit itself where it is the first, or
 * the only one that is there, and one fixed text where there is no repository.
 */
export function originOfFreshSeeds(): Origin {
  const parent = hashOf('HEAD^')
  if (parent) return { text: parent, described: `the parent commit ${parent}` }
  const only = hashOf('HEAD')
  if (only) return { text: only, described: `the commit ${only}, as its parent is not here` }
  return { text: 'no repository', described: 'a fixed text, as there is no repository here' }
}

/** As many seeds as are wanted, from 0 up to 2³²; each depends on its origin and its place alone. */
export function freshSeeds({ text }: Origin, count: number): number[] {
  return Array.from({ length: count }, (_, at) => createHash('sha256').update(`${text} ${at}`).digest().readUInt32BE())
}

function hashOf(revision: string): string | undefined {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--verify', '--quiet', revision], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : undefined
}
