import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { exactly } from './exact-environment.ts'
import { type ProcessRef, processStart, stillRuns } from './process-start.ts'

/**
 * A command's exit status must be collected, which only its parent can, and the command may have to outlive the process
 * that wants it. So this shell script is the parent, in a session of its own. It is a constant, and the user's words are
 * nothing but its positional parameters: no shell ever interprets them.
 *
 * - It waits for a line before it starts the command. It is given only after the process is on record, so a command that
 *   is not recorded can't exist: at the starter's death the pipe closes and the script gives up.
 * - Its SIGTERM trap does nothing, yet is a trap: the command gets the default action back (an ignored signal would
 *   stay ignored), while the script lives on to write down how the command ended. A child fresh from its fork still has
 *   the trap, and a signal would be lost on it; so it says "started" when that is over, and no stop is sent before.
 * - A shell adds variables of its own to the environment, which the command does not get.
 * - The status goes to a file that is open already, as descriptor 3. Its own complaints ("Terminated") go nowhere.
 * - As with a container, whatever the command left running ends with it.
 */
const SCRIPT = `
trap : TERM
read -r _ || { echo unstarted >&3; exit; }
(unset PWD OLDPWD SHLVL _; echo started >&3; exec "$@" </dev/null 2>&1 3>&-)
echo $? >&3
kill -KILL 0
`
const SHELL = '/bin/sh'

export interface SupervisorOptions {
  /** Takes standard output and standard error, in the order they come; appended to. */
  outputFile: string
  /** Takes `started` and then the command's exit status, or `unstarted`: see readExit. */
  exitFile: string
  cwd: string
  /** The command's whole environment. */
  env: Record<string, string>
}

/** A supervisor that waits to be let go. */
export interface Supervisor {
  /** The supervisor itself; it leads the group that the command is in. */
  process: ProcessRef
  /** Starts the command. */
  go: () => void
  /** Ends the supervisor before it started anything. */
  callOff: () => void
  ended: Promise<void>
}

/** Starts a supervisor for a command whose program is a full path. */
export async function startSupervisor(command: readonly string[], options: SupervisorOptions): Promise<Supervisor> {
  const output = openSync(options.outputFile, 'a')
  const exit = openSync(options.exitFile, 'w')
  const exact = exactly(command, options.env)
  try {
    const child = spawn(SHELL, ['-c', SCRIPT, 'sh', ...exact.command], {
      cwd: options.cwd,
      env: exact.env,
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
    const [go, callOff] = [() => void child.stdin?.end('go\n'), () => void child.stdin?.destroy()]
    return { process: { pid, startedAt }, go, callOff, ended }
  } finally {
    closeSync(output)
    closeSync(exit)
  }
}

/** Signals everything in a supervisor's group, as long as the supervisor is the process that it was. */
export function signalTree({ pid, startedAt }: ProcessRef, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (stillRuns(pid, startedAt)) signalGroup(pid, signal)
}

/**
 * Ends what is left of a supervisor's group after the supervisor was killed. Its pid can't have gone to another process
 * while members of its group live, so when another process has it, nothing is left.
 */
export function endLeftovers({ pid }: ProcessRef): void {
  if (processStart(pid) === undefined) signalGroup(pid, 'SIGKILL')
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
