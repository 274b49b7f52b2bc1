import type { RunOutput } from './run-output.ts'

const LOOK_MS = 1_000
/** What may wait to be stored, of all runs. */
const PENDING_BYTES_MAX = 64 * 1024 * 1024

/** The outputs of all runs that live: looked at and shipped each second, and kept within bounds together. */
export class LogSpool {
  readonly #outputs = new Set<RunOutput>()
  readonly #bytesMax: number
  #timer: NodeJS.Timeout | undefined

  constructor(bytesMax = PENDING_BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  get pendingBytes(): number {
    return [...this.#outputs].reduce((sum, { pendingBytes }) => sum + pendingBytes, 0)
  }

  /** From now on an output is looked at; `ships`: and shipped as it comes. */
  add(output: RunOutput): void {
    this.#outputs.add(output)
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS)
  }

  remove(output: RunOutput): void {
    this.#outputs.delete(output)
    if (this.#outputs.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    for (const output of this.#outputs) {
      output.look()
      output.ship()
    }
    this.#keepBounds()
  }

  /** The run with most in store loses its oldest. */
  #keepBounds(): void {
    const excess = this.pendingBytes - this.#bytesMax
    if (excess <= 0) return
    const [largest] = [...this.#outputs].toSorted((a, b) => b.pendingBytes - a.pendingBytes)
    largest?.drop(Math.min(excess, largest.pendingBytes))
  }
}
