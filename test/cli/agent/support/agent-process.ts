import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Client, createClient } from '#shared/client/create-client.ts'
import { runProgram } from '../../../../cli/program.ts'
import { startService } from '../../../../local/service.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { until } from '../../../support/until.ts'

const MAIN = join(import.meta.dirname, '../../../../cli/main.ts')
const quiet = { info: () => {}, warn: () => {}, error: () => {} }

/** A command in a process of its own. */
export interface Program {
  child: ChildProcess
  output: { out: string; err: string }
  exited: Promise<number | null>
  /** Waits until its log has something. */
  says: (text: string) => Promise<unknown>
}

export interface Place {
  /** Its state, data and files are there, and it runs there. */
  folder: string
  env?: Record<string, string>
  /** What stands before it on the command line. */
  under?: readonly string[]
}

/** Starts `pushpool …`, to be ended by the test. */
export function startProgram(args: readonly string[], { folder, env, under = [] }: Place): Program {
  const [program = '', ...rest] = [...under, process.execPath, MAIN, ...args]
  const child = spawn(program, rest, {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, XDG_STATE_HOME: join(folder, 'state'), ...compiled(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = { out: '', err: '' }
  child.stdout.on('data', (data) => (output.out += String(data)))
  child.stderr.on('data', (data) => (output.err += String(data)))
  const exited = once(child, 'close').then(([code]) => code as number | null)
  const said = (text: string) => output.out.includes(text) || output.err.includes(text)
  return { child, output, exited, says: (text) => until(`'${text}' is said`, () => said(text)) }
}

/** Runs `pushpool …` to its end. */
export async function runToEnd(
  args: readonly string[],
  place: Place,
): Promise<{ code: number | null; out: string; err: string }> {
  const { exited, output } = startProgram(args, place)
  const code = await exited
  return { code, ...output }
}

/** Runs a command in this process, which is quicker than in one of its own. */
export async function call(args: readonly string[], env: Record<string, string> = {}) {
  const written = { out: '', err: '' }
  const out = (text: string) => void (written.out += text)
  const code = await runProgram(args, { env, out, err: (text) => void (written.err += text) })
  return { code, ...written }
}

/** A service with a pool for agents of ours. */
export async function openService(options: { requireKeys?: boolean } = {}): Promise<{ url: string; client: Client }> {
  const service = await startService({ dataDir: temporaryFolder(), port: 0, log: quiet, ...options })
  onTestFinished(() => service.stop())
  return { url: `${service.url}/api`, client: createClient({ url: service.url }) }
}

/** A deployment of a command in a queue; returns its id. */
export async function deploy(
  client: Client,
  command: string,
  place = { pool: 'machines', queue: 'a' },
): Promise<string> {
  await client.createWorkPool({ name: place.pool, type: 'process' }).catch(() => {})
  const { id: flow_id } = await client.createFlow({ name: 'plain' })
  const { id } = await client.createDeployment({
    name: command.replaceAll('/', '-'),
    flow_id,
    work_pool_name: place.pool,
    work_queue_name: place.queue,
    job_variables: { command },
  })
  return id
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Programs are compiled once for all tests, where the suite says where to keep that. */
function compiled(): Record<string, string> {
  const { NODE_COMPILE_CACHE } = process.env
  return NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {}
}
