import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** One process, for good: see processStart. */
export interface ProcessRef {
  pid: number
  startedAt: string
}

/**
 * When a process started, as text to compare: a pid together with this names one process for good, while a pid alone is
 * soon given to a stranger. Undefined when no such process runs; one that ended and was not yet reaped counts as ended.
 */
export function processStart(pid: number): string | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  if (process.platform === 'linux') return startOnLinux(pid)
  if (process.platform === 'win32') return startOnWindows(pid)
  return startByPs(pid)
}

/** True while the very process that was seen to start then still runs. */
export function stillRuns(pid: number, startedAt: string): boolean {
  return processStart(pid) === startedAt
}

const FIELDS_BEFORE_STATE = 2
const START_TIME_FIELD = 22

function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in brackets, which may itself hold brackets and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined
    return `${bootId()}/${fields[START_TIME_FIELD - FIELDS_BEFORE_STATE - 1]}`
  } catch {
    return undefined
  }
}

let boot: string | undefined
/** Start times count from the boot, so they mean something only together with it. */
function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  return boot
}

function startByPs(pid: number): string | undefined {
  const env = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
  const columns = ['-o', 'stat=', '-o', 'lstart=']
  const { stdout } = spawnSync('ps', [...columns, '-p', String(pid)], { env, encoding: 'utf8' })
  const match = /^(\S+)\s+(.+)$/.exec(stdout.trim())
  return match?.[2] === undefined || match[1]?.startsWith('Z') ? undefined : match[2]
}

/** On Windows a start time is expensive to read; there a pid in use has to do. */
function startOnWindows(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
    return 'running'
  } catch {
    return undefined
  }
}
