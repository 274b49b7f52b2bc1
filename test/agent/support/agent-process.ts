import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { AgentOptions } from '../../../agent/agent-options.ts'
import { until } from '../../support/until.ts'
import type { Place } from './place.ts'
import { testOptions } from './start-agent.ts'

/** An agent in a process of its own. */
export interface AgentProcess {
  pid: number
  said: string[]
  signal(signal: NodeJS.Signals): void
  /** Settles with the exit code; null for one that was killed. */
  ended: Promise<number | null>
}

const PROGRAM = join(import.meta.dirname, 'agent-program.ts')

/** Starts an agent of a pool as a program, from its source or a bundle, and waits until it has called. */
export async function startAgentProcess(
  place: Place,
  given: Partial<AgentOptions> = {},
  program = PROGRAM,
): Promise<AgentProcess> {
  const options = testOptions(place, given)
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const said: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
  await until('it has called', () => said.includes('online'))
  return { pid: child.pid ?? 0, said, signal: (signal) => void child.kill(signal), ended }
}
