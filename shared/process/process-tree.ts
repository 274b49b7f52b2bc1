import { setTimeout as sleep } from 'node:timers/promises'
import { CannotStart } from './cannot-start.ts'
import { hasStarted, readExit } from './exit-file.ts'
import { type ProcessRef, stillRuns } from './process-start.ts'
import { findProgram } from './program.ts'
import { endStrays } from './strays.ts'
import { endLeftovers, type Supervisor, type SupervisorOptions, signalTree, startSupervisor } from './supervisor.ts'
import type { ChildWatcher } from './watcher/child-watcher.ts'

export interface TreeRequest extends SupervisorOptions {
  /** A program, looked for in the PATH of `env`, and its arguments. */
  command: readonly string[]
  /** `NAME=value` in ASCII, added to `env`: what the tree's processes are known by. No two trees may share one. */
  mark: string
}

/** How a command ended: with an exit code, which is 128 + n after signal n, or together with its supervisor. */
export type TreeEnd = { kind: 'exited'; code: number } | { kind: 'killed' }

/** A command that runs, with everything that it starts. */
export interface ProcessTree {
  /** What leads the tree's process group. */
  process: ProcessRef
  /** Settles when nothing of the tree is left. */
  ended: Promise<TreeEnd>
  /** Asks the tree to end, and kills what is left of it after the grace. Resolves when nothing is left. */
  stop(graceSeconds: number): Promise<void>
}

const STARTED_POLL_MS = 5
const STRAYS_RETRY_MS = 1_000

/**
 * Starts a command under a watcher, which knows the tree by its mark: the command runs only once it is watched, and a
 * process that dies before that leaves nothing behind. Raises CannotStart, and NotWatched of the watcher.
 */
export async function startTree(
  request: TreeRequest,
  watcher: Pick<ChildWatcher, 'watch' | 'forget'>,
): Promise<ProcessTree> {
  const { command, cwd, mark } = request
  const [name, ...args] = command
  const program = findProgram(name, cwd, request.env.PATH)
  if ('problem' in program) throw new CannotStart(`exec: ${JSON.stringify(name ?? '')}: ${program.problem}`)
  const [variable = '', value = ''] = splitMark(mark)
  const env = { ...request.env, [variable]: value }
  const supervisor = await startSupervisor([program.path, ...args], { ...request, env })
  try {
    await watcher.watch({ id: mark, process: supervisor.process, mark })
  } catch (error) {
    supervisor.callOff()
    throw error
  }
  supervisor.go()
  const ended = endOf(supervisor, request).finally(() => watcher.forget(mark))
  return { process: supervisor.process, ended, stop: (grace) => stop(supervisor.process, request, ended, grace) }
}

function splitMark(mark: string): string[] {
  const cut = mark.indexOf('=')
  return [mark.slice(0, cut), mark.slice(cut + 1)]
}

async function endOf({ process, ended }: Supervisor, { exitFile, mark }: TreeRequest): Promise<TreeEnd> {
  await ended
  endLeftovers(process)
  await endStraysAtLast(mark)
  const exit = readExit(exitFile)
  return exit.kind === 'exited' ? exit : { kind: 'killed' }
}

/** A process that hangs in the kernel can't be killed yet; while it is there, the tree has not ended. */
async function endStraysAtLast(mark: string): Promise<void> {
  for (;;) {
    try {
      return await endStrays([mark])
    } catch {
      await sleep(STRAYS_RETRY_MS)
    }
  }
}

async function stop(
  process: ProcessRef,
  { exitFile }: TreeRequest,
  ended: Promise<TreeEnd>,
  graceSeconds: number,
): Promise<void> {
  const kill = setTimeout(() => signalTree(process, 'SIGKILL'), graceSeconds * 1000)
  // A signal to a command that is not there yet would be lost.
  while (!hasStarted(exitFile) && stillRuns(process.pid, process.startedAt)) await sleep(STARTED_POLL_MS)
  signalTree(process, 'SIGTERM')
  await ended.finally(() => clearTimeout(kill))
}
