import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import type { Node } from './choose-nodes.ts'
import { npm } from './npm.ts'

/** A user's app, outside of this repository, with the package installed. */
export interface App {
  folder: string
  node: Node
  write: (file: string, text: string) => void
  read: (file: string) => string
  /** Installs these, the package among them. */
  install: (...packages: string[]) => Promise<void>
  /** Runs a program of the app or of Node to its end; returns its output, and throws it when it fails. */
  run: (program: string, ...args: string[]) => Promise<string>
  /** Starts a long-running program; it is killed with the tests at the latest. */
  start: (program: string, ...args: string[]) => ChildProcess
}

const TIMEOUT_MS = 120_000
/** For the name of a suite that is skipped. */
const NO_NODE: Node = { version: 'none', bin: '' }

/** A suite with an app for each chosen Node, skipped where nothing can be installed. */
export function withApp(name: string, prepare: (app: App) => Promise<void>, body: (app: () => App) => void): void {
  const packed = inject('packed')
  const { nodes, tarball } = packed ?? { nodes: [NO_NODE], tarball: '' }
  describe.skipIf(packed === null).each(nodes)(`${name}, on Node $version`, (node) => {
    let opened: ReturnType<typeof openApp> | undefined
    beforeAll(async () => {
      opened = openApp(node, tarball)
      await prepare(opened)
    })
    afterAll(() => opened?.close())
    body(() => {
      if (!opened) throw new Error('the app is made before the tests')
      return opened
    })
  })
}

function openApp(node: Node, tarball: string): App & { close: () => void } {
  const parent = mkdtempSync(join(tmpdir(), 'pushpool-app-'))
  // cdk init names what it makes by its folder.
  const folder = join(parent, 'own')
  mkdirSync(folder)
  const path = [join(folder, 'node_modules', '.bin'), node.bin, systemPath()].join(delimiter)
  // Neither this repository's settings nor anyone's AWS account.
  const env: Record<string, string> = {
    PATH: path,
    HOME: folder,
    LANG: 'C.UTF-8',
    CI: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  }
  const started: ChildProcess[] = []
  const start: App['start'] = (program, ...args) => {
    const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    started.push(child)
    return child
  }
  return {
    folder,
    node,
    write: (file, text) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    },
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    install: async (...packages) =>
      void (await npm(['install', ...packages, tarball], { cwd: folder, env: { ...process.env, PATH: path } })),
    run: (program, ...args) => finish(start(program, ...args), [program, ...args].join(' ')),
    start,
    close: () => {
      for (const child of started) child.kill('SIGKILL')
      rmSync(parent, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** Without the programs of this repository, which npm and vitest put before the others. */
function systemPath(): string {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.filter((each) => !each.includes('node_modules')).join(delimiter)
}

async function finish(child: ChildProcess, line: string): Promise<string> {
  const output = { all: '', out: '' }
  child.stdout?.on('data', (data) => {
    output.out += String(data)
    output.all += String(data)
  })
  child.stderr?.on('data', (data) => (output.all += String(data)))
  const slow = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
  await once(child, 'close')
  clearTimeout(slow)
  if (child.exitCode !== 0) throw new Error(`${line} ended with ${child.exitCode ?? child.signalCode}: ${output.all}`)
  return output.out
}
