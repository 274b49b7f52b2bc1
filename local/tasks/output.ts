import { open } from 'node:fs/promises'
import type { Clock } from '#shared/deps.ts'
import type { LogInput } from '#shared/engine/log/write-logs.ts'
import { LOG_LEVEL_INFO } from '#shared/log/log.ts'
import { splitLines } from '#shared/process/output-lines.ts'
import { readShipped, type TaskFolder, writeShipped } from './task-folder.ts'

const READ_BYTES = 1024 * 1024
/** The most that one task may write to the logs; endless output must not fill the table. */
const SHIPPED_BYTES_MAX = 16 * 1024 * 1024
const LOGGER = 'pushpool.task'

export interface OutputOptions {
  folder: TaskFolder
  runId: string
  clock: Clock
  writeLogs: (lines: readonly LogInput[]) => Promise<unknown>
}

/**
 * Brings a task's output into its run's logs, line by line. How far it got is on disk, so a restart goes on from there;
 * killed between writing and noting, it writes the last lines once more.
 */
export class Output {
  readonly #options: OutputOptions
  #shipped: number
  /** Lines that may not have been stored: sent again unchanged, they are stored once. */
  #unsure: { lines: LogInput[]; bytes: number } | undefined
  #last: Promise<void> = Promise.resolve()
  #waiting = false

  constructor(options: OutputOptions) {
    this.#options = options
    this.#shipped = readShipped(options.folder)
  }

  /** Ships the lines that are complete. While one call works and another waits for it, more have nothing to add. */
  ship(): Promise<void> {
    if (this.#waiting) return this.#last
    this.#waiting = true
    return this.#enqueue(() => {
      this.#waiting = false
      return this.#shipAll(false)
    })
  }

  /** Ships everything, an unfinished last line too. */
  finish(): Promise<void> {
    return this.#enqueue(() => this.#shipAll(true))
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    const result = this.#last.then(step)
    this.#last = result.catch(() => {})
    return result
  }

  async #shipAll(final: boolean): Promise<void> {
    if (this.#unsure) await this.#write(this.#unsure)
    if (this.#shipped >= SHIPPED_BYTES_MAX) return
    const file = await open(this.#options.folder.output, 'r')
    try {
      if ((await file.stat()).size <= this.#shipped) return
      const buffer = Buffer.allocUnsafe(READ_BYTES)
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, READ_BYTES, this.#shipped)
        const { lines, bytes } = splitLines(buffer.subarray(0, bytesRead), final && bytesRead < READ_BYTES)
        if (bytes === 0) return
        await this.#store(lines, bytes)
        if (this.#shipped >= SHIPPED_BYTES_MAX) return
      }
    } finally {
      await file.close()
    }
  }

  async #store(texts: string[], bytes: number): Promise<void> {
    const isLast = this.#shipped + bytes >= SHIPPED_BYTES_MAX
    const note = isLast ? [`Output truncated; the full output is in ${this.#options.folder.output}`] : []
    await this.#write({ lines: [...texts, ...note].map((text) => this.#line(text)), bytes })
  }

  async #write(batch: { lines: LogInput[]; bytes: number }): Promise<void> {
    this.#unsure = batch
    await this.#options.writeLogs(batch.lines)
    this.#unsure = undefined
    this.#shipped += batch.bytes
    writeShipped(this.#options.folder, this.#shipped)
  }

  #line(message: string): LogInput {
    const { clock, runId } = this.#options
    return { runId, taskRunId: null, name: LOGGER, level: LOG_LEVEL_INFO, message, timestamp: clock.now() }
  }
}
