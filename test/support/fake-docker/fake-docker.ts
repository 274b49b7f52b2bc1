import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { appendFileSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseCreate } from './create-call.ts'
import { type FakeContainer, FakeEngine } from './engine.ts'

/**
 * A command line and an engine that behave as Docker's do, as far as pushpool uses them; a container is a process of this
 * machine. What it does follows the page named beside it, and its errors are those of Docker 28.
 */
const POLL_MS = 10
/** The process that runs a container's own, as containerd's shim does. */
const SHIM = 'shim'
const engine = new FakeEngine((process.env.DOCKER_HOST ?? '').replace('fake://', ''))
const [command = '', ...args] = process.argv.slice(2)
if (command !== SHIM) appendFileSync(join(engine.folder, 'calls.jsonl'), `${JSON.stringify([command, ...args])}\n`)

function fail(problem: string, code = 1): never {
  process.stderr.write(`Error response from daemon: ${problem}\n`)
  process.exit(code)
}

const say = (text: string) => void process.stdout.write(`${text}\n`)
const last = () => args.at(-1) ?? ''

function container(): FakeContainer {
  return engine.find(last()) ?? fail(`No such container: ${last()}`)
}

/** https://docs.docker.com/reference/cli/docker/container/create/ */
function create(): void {
  const { image, command: words, env, valuesOf } = parseCreate(args)
  const [name = '', pull] = [valuesOf('--name')[0], valuesOf('--pull')[0]]
  const isThere = engine.has('images', image)
  if (pull === 'always' || (pull === 'missing' && !isThere)) {
    if (!engine.has('registry', image)) fail(`pull access denied for ${image}, repository does not exist`)
    engine.add('images', image)
  } else if (!isThere) fail(`No such image: ${image}`)
  const labels = valuesOf('--label').map((label) => [
    label.slice(0, label.indexOf('=')),
    label.slice(label.indexOf('=') + 1),
  ])
  const id = randomBytes(32).toString('hex')
  const created = engine.create({
    id,
    name,
    image,
    command: words,
    env,
    labels: Object.fromEntries(labels) as Record<string, string>,
    networks: valuesOf('--network'),
    status: 'created',
    exitCode: 0,
    pid: null,
    problem: null,
  })
  if (!created) {
    const other = engine.find(name)?.id
    const advice = 'You have to remove (or rename) that container to be able to reuse that name.'
    fail(`Conflict. The container name "/${name}" is already in use by container "${other}". ${advice}`)
  }
  say(id)
}

/** https://docs.docker.com/reference/cli/docker/container/start/: one that runs is left as it is. */
async function start(): Promise<void> {
  const { name, status } = container()
  if (status === 'running') return say(name)
  engine.change(name, { problem: null })
  const script = process.argv[1] ?? ''
  spawn(process.execPath, [script, SHIM, name], { detached: true, stdio: 'ignore' }).unref()
  for (;;) {
    const now = engine.find(name) ?? fail(`No such container: ${name}`)
    if (now.problem !== null) {
      process.stderr.write(`Error response from daemon: ${now.problem}\nError: failed to start containers: ${name}\n`)
      process.exit(1)
    }
    if (now.status !== 'created') return say(name)
    await sleep(POLL_MS)
  }
}

function shim(): void {
  const { name, command: words, env } = container()
  const log = openSync(engine.logOf(name), 'a')
  const [program = '', ...rest] = words
  const child = spawn(program, rest, {
    env: { PATH: '/usr/bin:/bin', ...env },
    detached: true,
    stdio: ['ignore', log, log],
  })
  child.once('error', () => {
    engine.change(name, {
      problem: `failed to create task for container: exec: "${program}": executable file not found in $PATH`,
    })
  })
  child.once('spawn', () => engine.change(name, { status: 'running', pid: child.pid ?? null }))
  child.once('exit', (code, signal) => {
    // What is left in a container ends with its first process.
    kill(child.pid ?? 0, 'SIGKILL')
    engine.change(name, { status: 'exited', exitCode: code ?? 128 + (signal === 'SIGKILL' ? 9 : 15), pid: null })
  })
}

function kill(pid: number, signal: 'SIGKILL' | 'SIGTERM'): void {
  try {
    process.kill(signal === 'SIGKILL' ? -pid : pid, signal)
  } catch {
    // It has ended.
  }
}

/** Polls until a container does not run; undefined when it was removed. */
async function settled(name: string, forSeconds = Number.POSITIVE_INFINITY): Promise<FakeContainer | undefined> {
  const deadline = performance.now() + forSeconds * 1000
  for (;;) {
    const now = engine.find(name)
    if (now?.status !== 'running' || performance.now() > deadline) return now
    await sleep(POLL_MS)
  }
}

/** https://docs.docker.com/reference/cli/docker/container/wait/: at once for one that does not run. */
async function wait(): Promise<void> {
  const end = await settled(container().name)
  say(String(end?.exitCode ?? 128 + 9))
}

/** https://docs.docker.com/reference/cli/docker/container/logs/: `--follow` ends with the container. */
async function logs(): Promise<void> {
  const { name } = container()
  let shown = 0
  for (;;) {
    const isOver = engine.find(name)?.status !== 'running'
    const text = readLog(name)
    process.stdout.write(text.subarray(shown))
    shown = text.length
    if (isOver || !args.includes('--follow')) return
    await sleep(POLL_MS)
  }
}

function readLog(name: string): Buffer {
  try {
    return readFileSync(engine.logOf(name))
  } catch {
    return Buffer.alloc(0)
  }
}

/** https://docs.docker.com/reference/cli/docker/container/stop/: SIGTERM to the first process, and SIGKILL after `-t`. */
async function stop(): Promise<void> {
  const { name, pid } = container()
  if (pid !== null) {
    kill(pid, 'SIGTERM')
    const now = await settled(name, Number(args[args.indexOf('-t') + 1]))
    if (now?.status === 'running') kill(pid, 'SIGKILL')
    await settled(name)
  }
  say(name)
}

/** https://docs.docker.com/reference/cli/docker/container/rm/: `--force` kills; the 28 that does not find one exits with 0. */
async function remove(): Promise<void> {
  const isForced = args.includes('--force')
  const found = engine.find(last())
  if (!found)
    return void (isForced
      ? process.stderr.write(`Error response from daemon: No such container: ${last()}\n`)
      : container())
  if (found.status === 'running') {
    if (!isForced) fail(`cannot remove container "${found.name}": container is running`)
    kill(found.pid ?? 0, 'SIGKILL')
    await settled(found.name)
  }
  engine.remove(found.name)
  say(found.name)
}

/** https://docs.docker.com/reference/cli/docker/inspect/, as far as it is read. */
function inspect(): void {
  const { id, name, status, exitCode, labels, image } = container()
  say(
    JSON.stringify([
      {
        Id: id,
        Name: `/${name}`,
        State: { Status: status, ExitCode: exitCode },
        Config: { Labels: labels, Image: image },
      },
    ]),
  )
}

/** https://docs.docker.com/reference/cli/docker/network/connect/ */
function network(): void {
  const { name, networks } = container()
  const [, added = ''] = args
  if (networks.includes(added)) fail(`endpoint with name ${name} already exists in network ${added}`)
  engine.change(name, { networks: [...networks, added] })
}

const commands: Record<string, () => void | Promise<void>> = {
  create,
  start,
  shim,
  wait,
  logs,
  stop,
  rm: remove,
  inspect,
  network,
}
await (commands[command] ?? (() => fail(`unknown command ${command}`)))()
