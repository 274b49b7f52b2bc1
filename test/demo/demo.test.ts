import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')

/** The demo with its output in a pipe, and its temporary files in a folder that the test can inspect. */
function startDemo() {
  const folder = temporaryFolder()
  const child = spawn(process.execPath, [MAIN, 'demo'], { env: { ...process.env, TMPDIR: folder } })
  onTestFinished(() => void child.kill('SIGKILL'))
  const told = { text: '' }
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (told.text += chunk.toString()))
  return { child, told, folder, ended: once(child, 'close').then(([code]) => code as number | null) }
}

describe('the demo', () => {
  it('runs the whole flow, checks it, and reports in plain lines', async () => {
    const { told, ended, folder } = startDemo()
    const exitCode = await ended
    expect({ exitCode, text: told.text }).toMatchObject({ exitCode: 0 })
    expect(told.text).toContain('All checks passed.')
    expect(told.text).toContain('1 Cancelled, 16 Completed, 1 Failed')
    expect(told.text).toContain('test-no-gzip: Failed. The command exited with code 1.')
    expect(told.text).toMatch(/queue urgent +limit 2 · peak 2 /)
    expect(told.text).toMatch(/queue bulk +limit 3 · peak 3 /)
    expect(told.text).not.toContain('\x1b')
    expect(readdirSync(folder)).toEqual([])
  })

  it('stops everything it started when interrupted', async () => {
    const { child, told, ended, folder } = startDemo()
    await until('the endless command runs', () => /follow-a-file +Running/.test(told.text))
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(readdirSync(folder)).toEqual([])
    expect(commandsUnder(folder)).toEqual([])
  })
})

/** Processes that work in the folder; none are found without /proc, which only Linux has. */
function commandsUnder(folder: string): string[] {
  if (!existsSync('/proc')) return []
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
    } catch {
      return false
    }
  })
}
