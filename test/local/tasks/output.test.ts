import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Output } from '../../../local/tasks/output.ts'
import { readShipped, taskFolder } from '../../../local/tasks/task-folder.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { TestClock } from '../../support/world.ts'

const KIB = 1024

describe('the output of a task', () => {
  function open(writeLogs: (lines: { message: string; timestamp: number }[]) => void) {
    const folder = taskFolder(temporaryFolder(), 'task')
    mkdirSync(folder.path)
    writeFileSync(folder.output, '')
    const clock = new TestClock()
    const again = () =>
      new Output({
        folder,
        runId: 'run',
        clock,
        writeLogs: async (lines) => writeLogs(lines.map(({ message, timestamp }) => ({ message, timestamp }))),
      })
    return { folder, output: again(), again }
  }

  it('is shipped once, in order, across any calls and restarts', async () => {
    const shipped: string[] = []
    const { folder, output, again } = open((lines) => void shipped.push(...lines.map(({ message }) => message)))
    appendFileSync(folder.output, '1\n2\n3')
    await Promise.all([output.ship(), output.ship(), output.ship()])
    appendFileSync(folder.output, '\n4')
    await again().finish()
    expect(shipped).toEqual(['1', '2', '3', '4'])
    expect(readShipped(folder)).toBe(7)
  })

  it('is sent again unchanged when it is unknown whether it was stored', async () => {
    const sent: { message: string; timestamp: number }[][] = []
    const { folder, output } = open((lines) => {
      sent.push(lines)
      if (sent.length === 1) throw new Error('the answer was lost')
    })
    appendFileSync(folder.output, 'a\n')
    await expect(output.ship()).rejects.toThrow('lost')
    appendFileSync(folder.output, 'b\n')
    await output.finish()
    expect(sent[1]).toEqual(sent[0])
    expect(sent.slice(1).flatMap((lines) => lines.map(({ message }) => message))).toEqual(['a', 'b'])
  })

  it('is capped when a program prints endlessly', async () => {
    let bytes = 0
    let last = ''
    const { folder, output } = open((lines) => {
      for (const { message } of lines) bytes += message.length + 1
      last = lines.at(-1)?.message ?? ''
    })
    writeFileSync(folder.output, `${'y'.repeat(KIB - 1)}\n`.repeat(20 * KIB))
    await output.finish()
    expect(bytes).toBeLessThan(18 * KIB * KIB)
    expect(last).toBe(`Output truncated; the full output is in ${folder.output}`)
    await output.finish()
  })
})
