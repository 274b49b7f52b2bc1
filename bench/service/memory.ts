import { readdirSync, readFileSync } from 'node:fs'

const KIB_PER_MIB = 1024

/** MiB of memory that a process has now; NaN where the system does not tell (it is read from /proc). */
export function residentMib(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / KIB_PER_MIB
  } catch {
    return Number.NaN
  }
}

/** The processes that a process has started and that live. */
export function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
  } catch {
    return []
  }
}
