import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

interface ProgramOptions extends Omit<SpawnOptions, 'signal'> {
  /** Where all that it prints goes. */
  log: string
  /** Whether it answers yet; called repeatedly. */
  isReady: () => Promise<boolean>
  /** Shuts it down cleanly. */
  signal: NodeJS.Signals
  /** Takes what ends it, before it is known to have started. */
  onEnd: (stop: () => Promise<unknown>) => void
}

const START_MS = 120_000
const LOOK_MS = 100
const LOG_SHOWN_CHARS = 2_000

/** Starts a server and waits until it answers; answers its process id. Throws, with the end of its log, if it does not. */
export async function startProgram(file: string, args: readonly string[], options: ProgramOptions): Promise<number> {
  const { log, isReady, signal, onEnd, ...place } = options
  const output = openSync(log, 'a')
  const child = spawn(file, args, { ...place, stdio: ['ignore', output, output] })
  closeSync(output)
  const exited = once(child, 'exit').catch(() => undefined)
  const isGone = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null
  onEnd(async () => {
    if (isGone()) return
    child.kill(signal)
    await exited
  })
  for (const until = Date.now() + START_MS; !isGone() && Date.now() < until; await sleep(LOOK_MS)) {
    if (await isReady()) return child.pid ?? 0
  }
  throw new Error(`${file} did not start:\n${readFileSync(log, 'utf8').slice(-LOG_SHOWN_CHARS)}`)
}
