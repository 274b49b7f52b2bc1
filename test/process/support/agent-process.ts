import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { type ProcessRef, processStart } from '#shared/process/process-start.ts'
import { endStrays } from '#shared/process/strays.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'

export const WATCHER_PROGRAM = [process.execPath, join(import.meta.dirname, 'watcher-program.ts')]

export interface AgentOptions {
  folder: string
  watcherProgram: readonly string[]
  commands: readonly (readonly string[])[]
  /** How far ahead it feeds. */
  leaseSeconds: number
  mark: string
}

interface Message {
  started?: ProcessRef
  watcher?: number
  end?: unknown
  endedByWatcher?: string[]
}

/** An agent in a process of its own. Each child writes its pid as its first line. */
export interface AgentProcess {
  pid: number
  folder: string
  mark: string
  messages: Message[]
  signal(signal: NodeJS.Signals): void
  /** The first line of a child's output, once it is there: its pid. */
  childPid(index?: number): Promise<number>
  watcherPid(): Promise<number>
}

/** Starts an agent with children; whatever is left of it is ended after the test. */
export function startAgent(commands: string[][], changed: Partial<AgentOptions> = {}): AgentProcess {
  const folder = temporaryFolder()
  const mark = `PUSHPOOL_TEST_MARK=${randomUUID()}`
  const options = { folder, watcherProgram: WATCHER_PROGRAM, commands, leaseSeconds: 30, mark, ...changed }
  const script = join(import.meta.dirname, 'agent-program.ts')
  const child = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const messages: Message[] = []
  createInterface({ input: child.stdout }).on('line', (line) => messages.push(JSON.parse(line) as Message))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await endStrays(commands.map((_, index) => `${mark}-${index}`))
  })
  return {
    pid: child.pid ?? 0,
    folder,
    mark,
    messages,
    signal: (signal) => void child.kill(signal),
    childPid: (index = 0) => until('the child is up', () => firstNumber(join(folder, `output-${index}`))),
    watcherPid: () => until('it is watched', () => messages.find((message) => message.watcher)?.watcher ?? 0),
  }
}

/** Waits until a process is gone. */
export async function gone(pid: number, timeoutMs?: number): Promise<void> {
  await until(`process ${pid} is gone`, () => processStart(pid) === undefined, timeoutMs)
}

function firstNumber(path: string): number {
  if (!existsSync(path)) return 0
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.length > 1 ? Number(lines[0]) : 0
}
