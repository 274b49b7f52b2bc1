import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** The variable that marks every process of a task: whatever it starts inherits it, wherever that goes. */
export const TASK_MARK = 'PUSHPOOL_TASK_ID'

const ROUNDS_MAX = 200
const ROUND_MS = 10
const PROC = '/proc'

/**
 * Kills a task's leftovers outside its process group, as the end of a container would, and waits until they are gone:
 * Prefect starts its engines in sessions of their own. A look at all processes costs some 10 ms. Only Linux shows their
 * environments; elsewhere strays go on.
 */
export async function endStrays(taskId: string): Promise<void> {
  if (process.platform !== 'linux') return
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const pids = straysOf(taskId)
    if (pids.length === 0) return
    for (const pid of pids) kill(pid)
    await sleep(ROUND_MS)
  }
  throw new Error(`processes of task ${taskId} do not exit`)
}

/** A process that ended shows no environment any more. */
function straysOf(taskId: string): number[] {
  const mark = `${TASK_MARK}=${taskId}\0`
  return readdirSync(PROC)
    .filter((name) => /^\d+$/.test(name) && environOf(name).includes(mark))
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
