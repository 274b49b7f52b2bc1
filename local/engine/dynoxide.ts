import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A running DynamoDB-compatible engine. */
export interface DynamoDbEngine {
  endpoint: string
  pid: number
  /** Settles when the process has exited, for whatever reason. */
  exited: Promise<void>
  stop(): Promise<void>
}

const START_TIMEOUT_MS = 10_000
const STOP_TIMEOUT_MS = 5_000
const PORT_TRIES = 3

/**
 * Starts dynoxide on a free loopback port; without a file it keeps everything in memory. `onSpawn` hears of the process
 * before it opens the file for requests.
 */
export async function startDynoxide(dbPath?: string, onSpawn?: (pid: number) => void): Promise<DynamoDbEngine> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOn(await freePort(), dbPath, onSpawn)
    } catch (error) {
      // Between being found free and being used, a port may be taken.
      if (tries === PORT_TRIES || !(error instanceof EndedAtStart)) throw error
    }
  }
}

class EndedAtStart extends Error {}

async function startOn(port: number, dbPath?: string, onSpawn?: (pid: number) => void): Promise<DynamoDbEngine> {
  const args = ['--host', '127.0.0.1', '--port', String(port), ...(dbPath ? ['--db-path', dbPath] : [])]
  // An engine that keeps a file has a session of its own: Ctrl-C must not end it before the service is done with it.
  const child = spawn(dynoxideBinary(), args, { stdio: 'ignore', detached: dbPath !== undefined })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  onSpawn?.(pid)
  await untilListening(port, child)
  return { endpoint: `http://127.0.0.1:${port}`, pid, exited, stop: () => stop(child, exited) }
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await exited
  clearTimeout(force)
}

/** Where the engine's binary is: DYNOXIDE_BIN, or the npm package for this platform. */
export function dynoxideBinary(platform = `${process.platform}-${process.arch}`): string {
  const given = process.env.DYNOXIDE_BIN
  if (given) return given
  const missing = new Error(
    `No DynamoDB engine for ${platform}: the npm package @dynoxide/${platform} is not installed. ` +
      'Set DYNOXIDE_BIN to a dynoxide binary, or AWS_ENDPOINT_URL_DYNAMODB to an engine of your own.',
  )
  try {
    const manifest = fileURLToPath(import.meta.resolve(`@dynoxide/${platform}/package.json`))
    const binary = join(dirname(manifest), platform.startsWith('win32') ? 'dynoxide.exe' : 'dynoxide')
    if (existsSync(binary)) return binary
  } catch {
    throw missing
  }
  throw missing
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

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new EndedAtStart(`dynoxide exited at startup with code ${child.exitCode}`)
    if (await accepts(port)) return
    await sleep(5)
  }
  child.kill('SIGKILL')
  throw new Error(`dynoxide did not listen within ${START_TIMEOUT_MS} ms`)
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
