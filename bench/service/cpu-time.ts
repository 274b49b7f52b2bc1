import { readFileSync } from 'node:fs'

/** The kernel counts in ticks of a hundredth of a second, on every Linux that Node runs on. */
const MS_PER_TICK = 10
/** Places in /proc/<pid>/stat after the name in brackets, which may hold anything. */
const USER_TIME = 11
const SYSTEM_TIME = 12

/** Milliseconds of CPU that a process has used so far; undefined where the system does not tell (it is read from /proc). */
export function cpuMsOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) * MS_PER_TICK
  } catch {
    return undefined
  }
}
