import type { Instant } from '#shared/instant.ts'

const MARKS_MAX = 4_096

/** When the output had which length, so that lines that are read long after still have the time that they were written. */
export class TimeMarks {
  #marks: { bytes: number; at: Instant }[] = []

  /** The output has this length now. */
  add(bytes: number, at: Instant): void {
    const last = this.#marks.at(-1)
    if (last && bytes <= last.bytes) return
    this.#marks.push({ bytes, at })
    const { length } = this.#marks
    // Half of them are as good, half as exactly.
    if (length > MARKS_MAX) this.#marks = this.#marks.filter((_, index) => (length - 1 - index) % 2 === 0)
  }

  /** When the byte before this length was there at the latest; undefined when it was not seen yet. */
  timeOf(bytes: number): Instant | undefined {
    return this.#marks.find((mark) => mark.bytes >= bytes)?.at
  }

  /** Nobody will ask about what is shorter. */
  forget(bytes: number): void {
    const kept = this.#marks.findIndex((mark) => mark.bytes >= bytes)
    this.#marks.splice(0, kept === -1 ? this.#marks.length : kept)
  }
}
