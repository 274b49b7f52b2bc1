import { readFileSync } from 'node:fs'

export type Exit = { kind: 'exited'; code: number } | { kind: 'unstarted' } | { kind: 'unknown' }

/** What a supervisor left behind in its exit file; unknown when it was killed before it could write. */
export function readExit(exitFile: string): Exit {
  const [word, status] = readLines(exitFile)
  if (word === 'unstarted') return { kind: 'unstarted' }
  return status === undefined ? { kind: 'unknown' } : { kind: 'exited', code: Number(status) }
}

/** True from the moment that the command's process exists. */
export function hasStarted(exitFile: string): boolean {
  return readLines(exitFile)[0] === 'started'
}

/** A line counts only with its end: the rest may still be on its way. */
function readLines(exitFile: string): string[] {
  try {
    return readFileSync(exitFile, 'utf8').split('\n').slice(0, -1)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
