import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const ROUNDS_MAX = 200
const ROUND_MS = 10
/** A process in the middle of its execve(2) has no environment for a moment, so one look is not enough. */
const CLEAN_ROUNDS = 2
const PROC = '/proc'

/**
 * Kills the leftovers of process trees outside of their process groups, as the end of a container would, and waits until
 * they are gone: Prefect starts its engines in sessions of their own. They are known by a mark, `NAME=value` in ASCII, a
 * variable that each process of one tree has in its environment: whatever it starts inherits it, wherever that goes. A
 * look at all processes costs some 10 ms. Only Linux shows their environments; elsewhere strays go on.
 */
export async function endStrays(marks: readonly string[]): Promise<void> {
  if (process.platform !== 'linux' || marks.length === 0) return
  let clean = 0
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const pids = straysOf(marks)
    clean = pids.length === 0 ? clean + 1 : 0
    if (clean === CLEAN_ROUNDS) return
    for (const pid of pids) kill(pid)
    await sleep(ROUND_MS)
  }
  throw new Error(`processes marked ${marks.join(', ')} do not exit`)
}

/** A process that ended shows no environment any more. */
function straysOf(marks: readonly string[]): number[] {
  const variables = marks.map((mark) => `\0${mark}\0`)
  return readdirSync(PROC)
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .filter((name) => {
      const environ = `\0${environOf(name)}`
      return variables.some((variable) => environ.includes(variable))
    })
    .map(Number)
}

function environOf(pid: string): string {
  try {
    return readFileSync(`${PROC}/${pid}/environ`, 'latin1')
  } catch {
    return ''
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
