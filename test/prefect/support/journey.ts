import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject } from 'vitest'
import { until } from '../../support/until.ts'
import type { PrefectEnvironments, Release } from './environments.ts'

/** What a program did. */
interface Finished {
  status: number | null
  stdout: string
  stderr: string
  /** Both, as a user would see them. */
  output: string
}

/** A program that runs until it is stopped, such as a worker. */
export interface Running {
  process: ChildProcess
  /** All that it has printed so far. */
  output(): string
  /** Resolves when it has printed this. */
  printed(text: string | RegExp, timeoutMs?: number): Promise<void>
  /** Ends it (SIGINT, as Ctrl-C does) and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface RunOptions {
  env?: Record<string, string>
  cwd?: string
  input?: string
  timeoutMs?: number
}

interface StartOptions extends RunOptions {
  /** Another release than the suite's, such as a worker older than the deployer. */
  release?: Release
}

/** A separate pushpool on a free port, and the programs of one Prefect release that use it. */
export interface Journey {
  /** The value of PREFECT_API_URL, `/api` included. */
  apiUrl: string
  /** Its version of Prefect. */
  version: string
  /** A folder for flows and other files, where programs are started. */
  folder: string
  /** Runs the `prefect` program to its end. */
  prefect(args: readonly string[], options?: RunOptions): Promise<Finished>
  /** The same, but returns its output, and throws when it fails. */
  cli(...args: string[]): Promise<string>
  /** Runs a Python script, given as text, to its end. */
  python(script: string, options?: RunOptions): Promise<Finished>
  /** Starts a long-running `prefect` program, such as a worker; of another release if one is named. */
  start(args: readonly string[], options?: StartOptions): Running
  /** Starts an agent of ours, with a Prefect on its PATH. */
  startAgent(args: readonly string[], options?: StartOptions): Running
  /** Starts a long-running Python script, such as one that serves a flow. */
  startPython(script: string, options?: StartOptions): Running
  /** Writes a file into the folder; returns its path. */
  write(name: string, text: string): string
  /** Calls the API as any client could; throws unless the response is a success. */
  // oxlint-disable-next-line typescript/no-explicit-any -- journeys assert on JSON
  call(method: string, path: string, body?: unknown): Promise<any>
  /** The service's log lines about requests that it unexpectedly answered with 500 or 503. */
  faults(): string[]
}

const TIMEOUT_MS = 120_000
const MAIN = join(import.meta.dirname, '..', '..', '..', 'cli', 'main.ts')

/**
 * A suite of journeys with one Prefect release, skipped where Prefect is unavailable. One service serves all of it, and
 * the suite fails if the service ever answered with an error of its own.
 */
export function journeys(name: string, release: Release, body: (journey: () => Journey) => void): void {
  const environments = inject('prefect')
  describe.skipIf(environments === null)(`${name} (${release})`, () => {
    let opened: (Journey & { close(): Promise<void> }) | undefined
    beforeAll(async () => {
      if (environments) opened = await openJourney(environments, release)
    })
    afterAll(async () => {
      await opened?.close()
      expect(opened?.faults() ?? []).toEqual([])
    })
    body(() => opened ?? raise(new Error('the service has not been started')))
  })
}

function raise(error: Error): never {
  throw error
}

async function openJourney(environments: PrefectEnvironments, release: Release) {
  const { bin, version } = environments[release]
  const folder = mkdtempSync(join(tmpdir(), 'pushpool-prefect-'))
  const service = await startService(folder, bin)
  const env = {
    PATH: pathFrom(bin),
    HOME: folder,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    COLUMNS: '400',
    PREFECT_HOME: join(folder, 'prefect'),
    PREFECT_API_URL: service.apiUrl,
    PREFECT_CLI_COLORS: 'false',
    PREFECT_CLI_PROMPT: 'false',
    DO_NOT_TRACK: '1',
  }
  const running: Running[] = []
  const execute = (program: string, args: readonly string[], options: RunOptions = {}) =>
    finish(program, args, { ...options, cwd: options.cwd ?? folder, env: { ...env, ...options.env } })
  const prefect = (args: readonly string[], options?: RunOptions) => execute(join(bin, 'prefect'), args, options)
  const begin = (program: string | undefined, args: readonly string[], options: StartOptions = {}) => {
    const from = environments[options.release ?? release].bin
    const place = { cwd: options.cwd ?? folder, env: { ...env, PATH: pathFrom(from), ...options.env } }
    const begun = go(program === undefined ? process.execPath : join(from, program), args, place)
    running.push(begun)
    return begun
  }
  let scripts = 0
  const scriptFile = (script: string) => {
    scripts += 1
    const file = join(folder, `script-${scripts}.py`)
    writeFileSync(file, script)
    return file
  }
  const journey: Journey = {
    apiUrl: service.apiUrl,
    version,
    folder,
    prefect,
    cli: async (...args) => {
      const { status, output, stdout } = await prefect(args)
      if (status !== 0) throw new Error(`prefect ${args.join(' ')} ended with ${status}: ${output}`)
      return stdout
    },
    python: (script, options) => execute(join(bin, 'python'), [scriptFile(script)], options),
    start: (args, options) => begin('prefect', args, options),
    startAgent: (args, options) => begin(undefined, [MAIN, 'agent', 'start', ...args], options),
    startPython: (script, options) => begin('python', [scriptFile(script)], options),
    write: (name, text) => {
      const file = join(folder, name)
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, text)
      return file
    },
    call: (method, path, body) => call(service.apiUrl + path, method, body),
    faults: () => service.output().split('\n').filter(isFault),
  }
  const close = async () => {
    await Promise.all(running.map((each) => each.stop('SIGKILL')))
    await service.stop('SIGTERM')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  return { ...journey, close }
}

function pathFrom(bin: string): string {
  return `${bin}${delimiter}${process.env.PATH ?? ''}`
}

/** Tasks of push pools find Prefect's programs where the service does: on its PATH. */
async function startService(folder: string, bin: string): Promise<Running & { apiUrl: string }> {
  const env = { PATH: pathFrom(bin), HOME: folder, PUSHPOOL_LOG: 'json' }
  const args = [MAIN, 'start', '--port', '0', '--data', join(folder, 'data')]
  const service = go(process.execPath, args, { cwd: folder, env })
  const address = await until('the service listens', () => /http:\/\/127\.0\.0\.1:\d+/.exec(service.output())?.[0])
  return { ...service, apiUrl: `${address}/api` }
}

/** What the API or the gateway logs when it answers 500, or when storage fails. */
function isFault(line: string): boolean {
  return /"message":"(?:unexpected error|a function failed|storage was busy)"/.test(line)
}

interface Place {
  cwd: string
  env: Record<string, string>
}

function go(program: string, args: readonly string[], place: Place): Running {
  const child = spawn(program, args, { ...place, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  let printed = ''
  const keep = (data: Buffer) => {
    printed += String(data)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return {
    process: child,
    output: () => printed,
    printed: async (text, timeoutMs = TIMEOUT_MS) => {
      const found = () => (typeof text === 'string' ? printed.includes(text) : text.test(printed))
      await until(`${args.join(' ')} prints ${String(text)}`, found, timeoutMs).catch((error: unknown) => {
        throw new Error(`${String(error)}; it printed: ${printed}`)
      })
    },
    stop: async (signal = 'SIGINT') => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal)
        await exited
      }
      return child.exitCode
    },
  }
}

async function finish(program: string, args: readonly string[], options: RunOptions & Place): Promise<Finished> {
  const { cwd, env, input, timeoutMs = TIMEOUT_MS } = options
  const child = spawn(program, args, { cwd, env, timeout: timeoutMs, killSignal: 'SIGKILL' })
  let stdout = ''
  let stderr = ''
  let output = ''
  child.stdout.on('data', (data: Buffer) => {
    stdout += String(data)
    output += String(data)
  })
  child.stderr.on('data', (data: Buffer) => {
    stderr += String(data)
    output += String(data)
  })
  child.stdin.end(input ?? '')
  await once(child, 'close')
  return { status: child.exitCode, stdout, stderr, output }
}

// oxlint-disable-next-line typescript/no-explicit-any -- see Journey.call
async function call(url: string, method: string, body: unknown): Promise<any> {
  const json = { 'content-type': 'application/json' }
  const answer = await fetch(url, {
    method,
    ...(body === undefined ? {} : { headers: json, body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}
