import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { processStart, stillRuns } from '../process-start.ts'
import type { TaskFolder } from './task-folder.ts'
import type { TaskProcess } from './task-record.ts'

/**
 * A task must outlive the service, as an ECS task does, and its exit status must be collected, which only its parent
 * can. So this shell script is the parent, in a session of its own. It is a constant, and the user's words are nothing
 * but its positional parameters: no shell ever interprets them.
 *
 * - It waits for a line before it starts the command. The service gives it only after the process is on record, so a
 *   command that is not recorded can't exist: at the service's death the pipe closes and the script gives up.
 * - Its SIGTERM trap does nothing, yet is a trap: the command gets the default action back (an ignored signal would
 *   stay ignored), while the script lives on to write down how the command ended. A child fresh from its fork still has
 *   the trap, and a signal would be lost on it; so it says "started" when that is over, and no stop is sent before.
 * - The status goes to a file that is open already, as descriptor 3. Its own complaints ("Terminated") go nowhere.
 * - As with a container, whatever the command left running ends with it.
 */
const SCRIPT = `
trap : TERM
read -r _ || { echo unstarted >&3; exit; }
(echo started >&3; exec "$@" </dev/null 2>&1 3>&-)
echo $? >&3
kill -KILL 0
`
const SHELL = '/bin/sh'

/** A supervisor that waits to be let go. */
export interface Supervisor {
  process: TaskProcess
  go: () => void
  ended: Promise<void>
}

/** Starts a supervisor for a command whose program is a full path. */
export async function startSupervisor(
  command: readonly string[],
  { folder, cwd, env }: { folder: TaskFolder; cwd: string; env: Record<string, string> },
): Promise<Supervisor> {
  const output = openSync(folder.output, 'a')
  const exit = openSync(folder.exit, 'w')
  try {
    const child = spawn(SHELL, ['-c', SCRIPT, 'sh', ...command], {
      cwd,
      env,
      detached: true,
      stdio: ['pipe', output, 'ignore', exit],
    })
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    await once(child, 'spawn')
    child.unref()
    // The supervisor may be gone by the time it is let go; its end is heard of anyway.
    child.stdin?.on('error', () => {})
    const pid = child.pid ?? 0
    const startedAt = processStart(pid)
    if (startedAt === undefined) throw new Error('the supervisor exited immediately')
    return { process: { pid, startedAt }, go: () => void child.stdin?.end('go\n'), ended }
  } finally {
    closeSync(output)
    closeSync(exit)
  }
}

/** Signals everything that a task started, as long as its supervisor is the process that it was. */
export function signalTask({ pid, startedAt }: TaskProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (stillRuns(pid, startedAt)) signalGroup(pid, signal)
}

/**
 * Ends what a task left behind after its supervisor was killed. Its pid can't have gone to another process while members
 * of its group live, so when another process has it, nothing is left.
 */
export function endLeftovers({ pid }: TaskProcess): void {
  if (processStart(pid) === undefined) signalGroup(pid, 'SIGKILL')
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
