import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { Instant } from '#shared/instant.ts'
import { splitLines } from '#shared/process/output-lines.ts'

/** Control characters take six bytes of JSON each, and a request may have five million. */
const READ_BYTES = 512 * 1024
const NEWLINE = 0x0a

/** The file that a process tree writes its output to, read while it grows. */
export class OutputFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** How many bytes there are, and when the last of them were written; undefined before the first. */
  extent(): { bytes: number; at: Instant } | undefined {
    const stats = this.#with((file) => fstatSync(file))
    return stats && { bytes: stats.size, at: Math.floor(stats.mtimeMs * 1000) }
  }

  /** The complete lines from an offset, as many as make a batch; at the very end also one that is not complete. */
  linesFrom(offset: number, final: boolean): { lines: string[]; bytes: number } {
    const buffer = this.#read(offset, READ_BYTES)
    return splitLines(buffer, final && buffer.length < READ_BYTES)
  }

  /** The start of a line that is at least so many bytes from an offset, and how many lines are skipped up to there. */
  lineAfter(offset: number, bytes: number): { offset: number; lines: number } {
    let [at, lines] = [offset, 0]
    for (;;) {
      const buffer = this.#read(at, READ_BYTES)
      for (let from = 0; ; ) {
        const newline = buffer.indexOf(NEWLINE, from)
        if (newline === -1) break
        lines += 1
        from = newline + 1
        if (at + from - offset >= bytes) return { offset: at + from, lines }
      }
      at += buffer.length
      if (buffer.length === 0) return { offset: at, lines: lines + 1 }
    }
  }

  #read(offset: number, bytes: number): Buffer {
    const buffer = Buffer.allocUnsafe(bytes)
    const read = this.#with((file) => readSync(file, buffer, 0, bytes, offset)) ?? 0
    return buffer.subarray(0, read)
  }

  #with<T>(read: (file: number) => T): T | undefined {
    let file: number
    try {
      file = openSync(this.#path, 'r')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
    try {
      return read(file)
    } finally {
      closeSync(file)
    }
  }
}
