import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Emulator } from './emulator.ts'

export const REPOSITORY = join(import.meta.dirname, '..', '..', '..')
const TIMEOUT_MS = 180_000

/**
 * Runs a program against the emulator to its end, and logs that; returns its output. Throws when it fails, and for an
 * endpoint that is not on this machine, since these programs create, change and delete stacks.
 */
export async function run({ env }: Emulator, program: string, args: readonly string[]): Promise<string> {
  if (new URL(env.AWS_ENDPOINT_URL ?? '').hostname !== '127.0.0.1') throw new Error('The endpoint is not on loopback')
  const began = Date.now()
  const child = spawn(program, args, {
    cwd: REPOSITORY,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  })
  let output = ''
  const keep = (data: Buffer) => {
    output += String(data)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  await once(child, 'close')
  const line = [program, ...args].join(' ')
  if (child.exitCode !== 0) throw new Error(`${line} ended with ${child.exitCode ?? child.signalCode}: ${output}`)
  console.log(`${((Date.now() - began) / 1000).toFixed(1)} s: ${line}`)
  return output
}
