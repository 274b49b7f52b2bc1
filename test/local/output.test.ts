import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Output, splitLines } from '../../local/tasks/output.ts'
import { taskFolder } from '../../local/tasks/task-folder.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { seededIds, TestClock } from '../support/world.ts'

const KIB = 1024

describe('cutting output into lines', () => {
  const split = (text: string, final = false) => splitLines(Buffer.from(text), final)

  it('leaves an unfinished line for later, but not at the very end', () => {
    expect(split('a\n\nb\r\nrest')).toEqual({ lines: ['a', '', 'b'], bytes: 6 })
    expect(split('a\nrest', true)).toEqual({ lines: ['a', 'rest'], bytes: 6 })
    expect(split('')).toEqual({ lines: [], bytes: 0 })
  })

  it('cuts a line of more than 256 KB, never inside a character', () => {
    const { lines, bytes } = split(`x${'ü'.repeat(300 * KIB)}`)
    expect(lines.map((line) => Buffer.byteLength(line))).toEqual([256 * KIB - 1, 256 * KIB])
    expect(bytes).toBe(512 * KIB - 1)
    expect(lines.join('')).not.toContain('\ufffd')
  })

  it('gives at most a thousand lines at once', () => {
    expect(split('\n'.repeat(2_500))).toMatchObject({ bytes: 1_000 })
  })
})

describe('the output of a task', () => {
  function open(writeLogs: (messages: string[]) => void) {
    const folder = taskFolder(temporaryFolder(), 'task')
    mkdirSync(folder.path)
    writeFileSync(folder.output, '')
    const clock = new TestClock()
    const log = { info: () => {}, warn: () => {}, error: () => {} }
    const again = () =>
      new Output({
        folder,
        runId: 'run',
        clock,
        ids: seededIds(clock),
        log,
        writeLogs: async (entries) => writeLogs(entries.map(({ message }) => message)),
      })
    return { folder, output: again(), again }
  }

  it('is shipped once, in order, whatever the number of calls and restarts', async () => {
    const shipped: string[] = []
    const { folder, output, again } = open((messages) => void shipped.push(...messages))
    appendFileSync(folder.output, '1\n2\n3')
    await Promise.all([output.ship(), output.ship(), output.ship()])
    appendFileSync(folder.output, '\n4')
    await again().finish()
    expect(shipped).toEqual(['1', '2', '3', '4'])
    expect(readFileSync(folder.shipped, 'utf8')).toBe('7')
  })

  it('is shipped again from where it failed', async () => {
    const shipped: string[] = []
    let broken = true
    const { folder, output } = open((messages) => {
      if (broken) throw new Error('busy')
      shipped.push(...messages)
    })
    appendFileSync(folder.output, 'a\n')
    await expect(output.ship()).rejects.toThrow('busy')
    broken = false
    await output.finish()
    expect(shipped).toEqual(['a'])
  })

  it('is cut when a program prints without end', async () => {
    let bytes = 0
    let last = ''
    const { folder, output } = open((messages) => {
      for (const message of messages) bytes += message.length + 1
      last = messages.at(-1) ?? ''
    })
    writeFileSync(folder.output, `${'y'.repeat(KIB - 1)}\n`.repeat(20 * KIB))
    await output.finish()
    expect(bytes).toBeLessThan(18 * KIB * KIB)
    expect(last).toBe(`Output is cut here; all of it is in ${folder.output}`)
    await output.finish()
  })
})
