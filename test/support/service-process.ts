import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Client, createClient } from '#shared/client/create-client.ts'

/** A service in a process of its own. */
export interface ServiceProcess {
  url: string
  /** Sends each request once, so that the test sees lost responses. */
  client: Client
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

/** Starts a service on a folder, to be killed or stopped by the test. */
export async function startServiceProcess(folder: string): Promise<ServiceProcess> {
  const script = join(import.meta.dirname, 'serve.ts')
  const child = spawn(process.execPath, [script, join(folder, 'data'), logFile(folder)], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const url = await firstLine(child)
  return {
    url,
    client: createClient({ url, retry: { triesMax: 1 } }),
    end: async (signal) => {
      child.kill(signal)
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

/** What all services on a folder have logged, as objects. */
export function readLog(folder: string): { level: string; message: string; reason?: string }[] {
  const lines = readFileSync(logFile(folder), 'utf8').split('\n')
  // A line may be cut by a kill.
  return lines
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as { level: string; message: string })
}

function logFile(folder: string): string {
  return join(folder, 'service.log')
}

async function firstLine({ stdout, pid }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('no output')
  for await (const data of stdout) return String(data).trim()
  throw new Error(`service ${pid} ended at its start`)
}
