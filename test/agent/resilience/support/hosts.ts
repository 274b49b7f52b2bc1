import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../../support/until.ts'
import { markedProcesses } from './marked-processes.ts'

const MAIN = join(import.meta.dirname, '../../../../cli/main.ts')

/** `pushpool agent start` in a process of its own. */
export interface AgentProcess {
  child: ChildProcess
  name: string
  /** Whether it has ended. */
  isOver(): boolean
  exited: Promise<number | null>
  /** What it has logged. */
  output(): string
}

interface Wanted {
  /** The API, `/api` included. */
  api: string
  pool: string
  args: readonly string[]
}

/** Agents that were started on this machine, with one folder for all that they keep. */
export class Hosts {
  readonly folder = mkdtempSync(join(tmpdir(), 'pushpool-test-'))
  readonly #agents: AgentProcess[] = []

  /** Starts an agent; one of a name has the same identity each time. */
  start(name: string, { api, pool, args }: Wanted): AgentProcess {
    const folders = ['--state-dir', join(this.folder, 'state'), '--work-dir', this.workDirOf(name)]
    const all = ['agent', 'start', '-p', pool, '--api', api, '--name', name, '--hide-welcome', ...folders, ...args]
    const child = spawn(process.execPath, [MAIN, ...all], {
      cwd: this.folder,
      env: { PATH: process.env.PATH, HOME: this.folder, ...compiled() },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.on('data', (data) => (said += String(data)))
    const exited = once(child, 'exit').then(([code]) => code as number | null)
    const isOver = () => child.exitCode !== null || child.signalCode !== null
    const agent = { child, name, isOver, exited, output: () => said }
    this.#agents.push(agent)
    return agent
  }

  /** Where the runs of an agent get their folders. */
  workDirOf(name: string): string {
    return join(this.folder, 'work', name)
  }

  /** Ends all agents, and sees that nothing of their runs lives on. */
  async close(): Promise<void> {
    const living = this.#agents.filter((agent) => !agent.isOver())
    for (const { child } of living) child.kill('SIGKILL')
    await Promise.all(living.map(({ exited }) => exited))
    await until('nothing of their runs is left', () => markedProcesses(this.folder).length === 0)
  }

  /** Removes the folder. */
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Programs are compiled once for all tests, where the suite says where to keep that. */
function compiled(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = process.env
  return NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {}
}
