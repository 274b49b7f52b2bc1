import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Kept between runs, so that only the first one fetches anything. */
const FOLDER = join(import.meta.dirname, '..', '..', '..', '.cache', 'ministack')
/** An emulator of AWS whose Lambda functions are processes, so that it needs no Docker. emulator/ reaches into it. */
export const EMULATOR = 'ministack==1.5.33'

/**
 * Installs the emulator from PyPI into a virtual environment; returns that environment's Python. Throws an error that
 * names what is unavailable.
 */
export async function installEmulator(): Promise<string> {
  const python = join(FOLDER, 'bin', 'python')
  const stamp = join(FOLDER, 'installed.txt')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === EMULATOR) return python
  await run('python3', ['-m', 'venv', '--clear', FOLDER])
  await run(python, ['-m', 'pip', 'install', '--quiet', EMULATOR])
  writeFileSync(stamp, EMULATOR)
  return python
}
