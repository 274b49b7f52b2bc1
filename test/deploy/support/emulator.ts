import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { until } from '../../support/until.ts'

const REPOSITORY = join(import.meta.dirname, '..', '..', '..')
const MAIN = join(import.meta.dirname, 'emulator', 'main.py')
const START_TIMEOUT_MS = 60_000
const LOG_CHARS_SHOWN = 4_000
/** Not the default of SDKs and tools, so that nothing works by chance. */
const REGION = 'eu-central-1'
/** With permissions enforced, the emulator accepts only these as the account's root. */
const ROOT_KEY = { accessKeyId: 'test', secretAccessKey: 'test' }

/** A running emulator of AWS. */
export interface Emulator {
  endpoint: string
  /** For SDK clients. */
  clientOptions: { endpoint: string; region: string; credentials: typeof ROOT_KEY }
  /** The whole environment of programs that use it. */
  env: Record<string, string>
  /** For files; removed when it stops. */
  folder: string
  stop(): Promise<void>
}

/** Starts the emulator on a free loopback port, with permissions enforced and every call recorded. */
export async function startEmulator(python: string): Promise<Emulator> {
  const folder = mkdtempSync(join(tmpdir(), 'pushpool-deploy-'))
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const log = join(folder, 'emulator.log')
  const output = openSync(log, 'w')
  const child = spawn(python, [MAIN], {
    cwd: folder,
    // A group of its own, with the functions' processes, to be ended as one.
    detached: true,
    stdio: ['pipe', output, output],
    env: {
      ...surroundings(folder),
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      AUTH: 'true',
      CLOUDTRAIL_RECORDING: '1',
      PYTHONDONTWRITEBYTECODE: '1',
    },
  })
  const stop = async () => {
    await end(child)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
  try {
    await until('the emulator is ready', () => isReady(endpoint, child), START_TIMEOUT_MS)
  } catch (error) {
    const said = readFileSync(log, 'utf8').slice(-LOG_CHARS_SHOWN)
    await stop()
    throw new Error(`The emulator did not start: ${said}`, { cause: error })
  }
  const clientOptions = { endpoint, region: REGION, credentials: ROOT_KEY }
  return { endpoint, clientOptions, env: { ...surroundings(folder), ...awsEnv(endpoint) }, folder, stop }
}

/** Only the PATH of the current environment: no AWS profile, credentials or settings. This Node comes first. */
function surroundings(folder: string): Record<string, string> {
  const path = [join(REPOSITORY, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter)
  return { PATH: path, HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8', NO_COLOR: '1' }
}

function awsEnv(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: ROOT_KEY.accessKeyId,
    AWS_SECRET_ACCESS_KEY: ROOT_KEY.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
  }
}

async function isReady(endpoint: string, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`)
  try {
    return (await fetch(`${endpoint}/_ministack/ready`)).ok
  } catch {
    return false
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  process.kill(-child.pid, 'SIGKILL')
  await exited
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
