import type { BodyOf } from '#shared/client/create-client.ts'
import { formatInstant, type Instant } from '#shared/instant.ts'
import { LOG_LEVEL_INFO } from '#shared/log/log.ts'
import type { Courier } from './courier.ts'
import { type ClaimedRun, claimOf, fenceHeaders } from './hand-out.ts'
import { OutputFile } from './output-file.ts'
import { TimeMarks } from './time-marks.ts'

type Lines = BodyOf<'createLogs'>
const LOGGER = 'pushpool.task'

/**
 * Brings the output of a run into its logs, line by line, in order. What can't be stored yet waits where it is, in the
 * file; when that becomes too much, the oldest of it is passed over, and a line says so.
 */
export class RunOutput {
  readonly #run: ClaimedRun
  readonly #courier: Courier
  readonly #file: OutputFile
  readonly #marks = new TimeMarks()
  readonly #given = new AbortController()
  #seen = 0
  /** From where the next batch is read, and how much of what is before is on its way. */
  #next = 0
  #sending = 0
  #dropped = 0
  #last: Instant = 0
  #work: Promise<void> = Promise.resolve()
  #queued = false

  constructor(run: ClaimedRun, path: string, courier: Courier) {
    this.#run = run
    this.#courier = courier
    this.#file = new OutputFile(path)
  }

  /** How much of the output is not in the logs yet, as far as it was looked at. */
  get pendingBytes(): number {
    return this.#given.signal.aborted ? 0 : this.#seen - this.#next + this.#sending
  }

  /** Notes how far the output has come by now. */
  look(): void {
    const extent = this.#file.extent()
    if (!extent) return
    this.#seen = Math.max(this.#seen, extent.bytes)
    // An agent that was stopped meanwhile looks long after the last line was written.
    this.#marks.add(this.#seen, Math.min(extent.at, Date.now() * 1000))
  }

  /** Ships the lines that are complete. While one call works and another waits for it, more have nothing to add. */
  ship(): void {
    if (this.#queued || this.#seen === this.#next) return
    this.#queued = true
    void this.#enqueue(() => {
      this.#queued = false
      return this.#shipAll(false)
    })
  }

  /** Ships everything, an unfinished last line too. Resolves when it is stored, or was given up. */
  finish(): Promise<void> {
    this.look()
    return this.#enqueue(() => this.#shipAll(true))
  }

  /** Ships nothing more. */
  giveUp(): void {
    this.#given.abort()
  }

  /** Passes over the oldest of what waits, at least so many bytes of it. */
  drop(bytes: number): void {
    const { offset, lines } = this.#file.lineAfter(this.#next, bytes)
    this.#dropped += lines
    this.#next = offset
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(step).catch(() => {})
    return this.#work
  }

  async #shipAll(final: boolean): Promise<void> {
    while (!this.#given.signal.aborted) {
      const start = this.#next
      const lines = this.#nextBatch(final)
      if (lines.length === 0) return
      this.#sending = this.#next - start
      await this.#send(lines)
      this.#sending = 0
      this.#marks.forget(this.#next)
    }
  }

  /** A batch that is sent again is the same, and so is stored once. */
  async #send(lines: Lines): Promise<void> {
    const { signal } = this.#given
    const headers = fenceHeaders(claimOf(this.#run))
    try {
      await this.#courier.send((client) => client.createLogs(lines, { headers, signal }), signal)
    } catch {
      // Given up, or refused for good, as after the deletion of the run: the next batch tells.
    }
  }

  #nextBatch(final: boolean): Lines {
    const { lines, bytes } = this.#file.linesFrom(this.#next, final)
    const out: Lines = this.#dropped > 0 ? [this.#line(droppedNote(this.#dropped), this.#next)] : []
    this.#dropped = 0
    let end = this.#next
    for (const line of lines) {
      end += Buffer.byteLength(line) + 1
      out.push(this.#line(line, end))
    }
    this.#next += bytes
    this.#seen = Math.max(this.#seen, this.#next)
    return out
  }

  /** No two lines have one time, which is what keeps them in order. */
  #line(message: string, end: number): Lines[number] {
    const at = this.#marks.timeOf(Math.min(end, this.#seen)) ?? Date.now() * 1000
    this.#last = Math.max(this.#last + 1, at)
    const timestamp = formatInstant(this.#last)
    return { flow_run_id: this.#run.flow_run.id, name: LOGGER, level: LOG_LEVEL_INFO, message, timestamp }
  }
}

function droppedNote(lines: number): string {
  return `${lines} lines of output were dropped here: more waited to be stored than the agent keeps.`
}
