import type { Totals } from './totals.ts'

/** A line on a terminal that says how far a run is; nothing elsewhere. */
export class Progress {
  readonly #stream: NodeJS.WriteStream
  readonly #wanted: number | undefined
  readonly #color: boolean
  #shownAt = 0

  /** `wanted` seeds, if that is known; `show` is false where somebody wants no progress. */
  constructor(stream: NodeJS.WriteStream, wanted: number | undefined, show: boolean) {
    this.#stream = stream
    this.#wanted = wanted
    this.#color = !process.env.NO_COLOR
    if (!show || !stream.isTTY) this.show = () => undefined
  }

  /** Shows how far it is, a few times a second. */
  show(totals: Totals, seconds: number): void {
    if (seconds - this.#shownAt < 0.2) return
    this.#shownAt = seconds
    const failed = totals.failed.length
    const problems = failed === 0 ? 'no problems' : `${failed} with problems`
    const count = this.#wanted === undefined ? `${totals.seeds}` : `${totals.seeds} of ${this.#wanted}`
    const line = `${count} seeds, ${(totals.seeds / seconds).toFixed(1)} a second, ${problems}`
    this.#stream.write(`\r\u001b[2K${this.#color && failed > 0 ? `\u001b[31m${line}\u001b[39m` : line}`)
  }

  /** Takes the line away, before something else is printed. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001b[2K')
  }
}
