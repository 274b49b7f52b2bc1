import { linkSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processStart, stillRuns } from '#shared/process/process-start.ts'
import { replaceFile } from './replace-file.ts'

/** Another live service works on this data folder. */
export class FolderInUse extends Error {
  readonly pid: number
  constructor(folder: string, pid: number) {
    super(
      `The data folder ${folder} is in use by another pushpool (process ${pid}). ` +
        'Stop it, or choose another folder with --data or PUSHPOOL_DATA.',
    )
    this.name = 'FolderInUse'
    this.pid = pid
  }
}

interface Holder {
  pid: number
  startedAt: string
}

const FREE = '{}'

/**
 * Takes a folder for this process, or throws FolderInUse. The lock is a file `lock.<n>` that names its holder, and the
 * one with the highest number counts. Who finds its holder dead or gone takes the next number, by a link, which only one
 * can make; as numbers are never used again, a slow taker can't mistake a newer lock for the dead one that it looked at.
 */
export function takeLock(folder: string): { release(): void } {
  const draft = join(folder, `lock.${process.pid}.draft`)
  const me: Holder = { pid: process.pid, startedAt: processStart(process.pid) ?? '' }
  writeFileSync(draft, JSON.stringify(me))
  try {
    let number: number | undefined
    while (number === undefined) number = tryTake(folder, draft)
    const path = lockPath(folder, number)
    return { release: () => replaceFile(path, FREE) }
  } finally {
    rmSync(draft, { force: true })
  }
}

/** One try: the number taken, or undefined when another process was quicker and all must be checked again. */
function tryTake(folder: string, draft: string): number | undefined {
  const highest = lockNumbers(folder).at(-1) ?? 0
  const holder = highest === 0 ? undefined : readHolder(lockPath(folder, highest))
  if (holder && stillRuns(holder.pid, holder.startedAt)) throw new FolderInUse(folder, holder.pid)
  const mine = highest + 1
  try {
    linkSync(draft, lockPath(folder, mine))
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined
    throw error
  }
  const numbers = lockNumbers(folder)
  if ((numbers.at(-1) ?? 0) > mine) {
    rmSync(lockPath(folder, mine), { force: true })
    return undefined
  }
  for (const number of numbers) if (number < mine) rmSync(lockPath(folder, number), { force: true })
  return mine
}

function lockPath(folder: string, number: number): string {
  return join(folder, `lock.${number}`)
}

function lockNumbers(folder: string): number[] {
  const numbers = readdirSync(folder).flatMap((name) => /^lock\.(\d+)$/.exec(name)?.[1] ?? [])
  return numbers.map(Number).toSorted((a, b) => a - b)
}

function readHolder(path: string): Holder | undefined {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>
    return pid === undefined || startedAt === undefined ? undefined : { pid, startedAt }
  } catch (error) {
    // Gone: another process took a higher number since. Unreadable: no holder writes such a file.
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
