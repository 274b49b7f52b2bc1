import { readdirSync, readFileSync } from 'node:fs'

/** The kernel counts in ticks of a hundredth of a second, on every Linux that Node runs on. */
const MS_PER_TICK = 10
/** Places in /proc/<pid>/stat after the name in brackets, which may hold anything. */
const PARENT = 1
const USER_TIME = 11
const SYSTEM_TIME = 12
/** Of children that have ended. */
const ENDED_USER_TIME = 13
const ENDED_SYSTEM_TIME = 14

/** Milliseconds of CPU that a process has used so far; undefined where the system does not tell (it is read from /proc). */
export function cpuMsOf(pid: number): number | undefined {
  const fields = statOf(pid)
  return fields && (at(fields, USER_TIME) + at(fields, SYSTEM_TIME)) * MS_PER_TICK
}

/** The same of a process and all that it has started; NaN where the system does not tell. */
export function cpuMsOfTree(pid: number): number {
  const fields = statOf(pid)
  if (!fields) return Number.NaN
  const all = new Map(pids().map((each) => [each, statOf(each)] as const))
  const ticksOf = (root: number): number => {
    const own = all.get(root)
    if (!own) return 0
    const ticks = [USER_TIME, SYSTEM_TIME, ENDED_USER_TIME, ENDED_SYSTEM_TIME].reduce(
      (sum, each) => sum + at(own, each),
      0,
    )
    const children = [...all].filter(([, stat]) => stat && at(stat, PARENT) === root)
    return children.reduce((sum, [child]) => sum + ticksOf(child), ticks)
  }
  return ticksOf(pid) * MS_PER_TICK
}

const pids = () => readdirSync('/proc').map(Number).filter(Number.isInteger)
const at = (fields: readonly string[], place: number) => Number(fields[place])

function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
