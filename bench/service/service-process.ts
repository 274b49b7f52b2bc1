import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ServiceProcess {
  url: string
  /** Of the service, and of the storage engine that it started. */
  pids: { service: number; engine: number }
  stop: () => Promise<void>
}

const MAIN = join(import.meta.dirname, '../../cli/main.ts')
const START_MS = 30_000

/** Where the service of a workload keeps its data. */
export const dataFolder = (folder: string): string => join(folder, 'data')

/** Starts the service as `npm start` does, or of another program, in a process of its own on a data folder of its own. */
export async function startServiceProcess(folder: string, program = MAIN): Promise<ServiceProcess> {
  const log = join(folder, 'service.log')
  const child = spawn(process.execPath, [program, 'start', '--port', '0', '--data', dataFolder(folder)], {
    stdio: ['ignore', 'pipe', openSync(log, 'a')],
  })
  const exited = once(child, 'exit')
  const slow = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const url = await Promise.race([urlOf(child), exited.then(() => undefined)])
  clearTimeout(slow)
  if (url === undefined) throw new Error(`the service did not start:\n${readFileSync(log, 'utf8').slice(-2_000)}`)
  const engine = JSON.parse(readFileSync(join(dataFolder(folder), 'engine.json'), 'utf8')) as { pid: number }
  return {
    url,
    pids: { service: child.pid ?? 0, engine: engine.pid },
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** The address that the service prints once it answers. */
function urlOf(child: ChildProcess): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const url = /http:\/\/[\d.]+:\d+/.exec(text)?.[0]
      if (url !== undefined) resolve(url)
    })
  })
}
