import { open } from 'node:fs/promises'
import type { Clock } from '#shared/deps.ts'
import type { LogInput } from '#shared/engine/log/write-logs.ts'
import { LOG_LEVEL_INFO } from '#shared/log/log.ts'
import { readShipped, type TaskFolder, writeShipped } from './task-folder.ts'

const LINE_BYTES_MAX = 256 * 1024
const READ_BYTES = 1024 * 1024
/** Log lines that are written at once. */
const LINES_MAX = 1_000
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

const NEWLINE = 0x0a

/** Cuts the first bytes into lines; what is left after the last one counts as a line when it is too long, or the very end. */
export function splitLines(buffer: Buffer, final: boolean): { lines: string[]; bytes: number } {
  const lines: string[] = []
  let start = 0
  while (start < buffer.length && lines.length < LINES_MAX) {
    const newline = buffer.indexOf(NEWLINE, start)
    const end = newline === -1 ? buffer.length : newline
    if (end - start > LINE_BYTES_MAX) {
      const cut = characterStart(buffer, start + LINE_BYTES_MAX)
      lines.push(buffer.toString('utf8', start, cut))
      start = cut
    } else if (newline !== -1 || final) {
      const carriageReturn = end > start && buffer[end - 1] === 0x0d ? 1 : 0
      lines.push(buffer.toString('utf8', start, end - carriageReturn))
      start = end + (newline === -1 ? 0 : 1)
    } else break
  }
  return { lines, bytes: start }
}

/** The start of the UTF-8 character that holds a byte, so that none is cut in two. */
function characterStart(buffer: Buffer, at: number): number {
  let start = at
  while (start > at - 4 && ((buffer[start] ?? 0) & 0xc0) === 0x80) start -= 1
  return start
}
