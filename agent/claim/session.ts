import type { ClaimReply } from '../report/hand-out.ts'

/** The agent's session: its id, where it stands, and the call that may have to be repeated. */
export class Session {
  #id = crypto.randomUUID()
  #sequence = 0
  #requestId: string | undefined

  get id(): string {
    return this.#id
  }

  /** That of the last answer that was taken; 0 before the first. */
  get sequence(): number {
    return this.#sequence
  }

  /** The id of the next call: that of the last one, if that is to be repeated. */
  nextRequestId(): string {
    this.#requestId ??= crypto.randomUUID()
    return this.#requestId
  }

  /**
   * Whether an answer counts: one that was overtaken by another says what is no longer so. Where nothing changed in
   * between, two have one sequence.
   */
  takes({ sequence }: Pick<ClaimReply, 'sequence'>): boolean {
    this.#requestId = undefined
    if (sequence < this.#sequence) return false
    this.#sequence = sequence
    return true
  }

  /** A call has failed; `unknown`: it may have been carried out all the same, and is repeated as it was. */
  failed(unknown: boolean): void {
    if (!unknown) this.#requestId = undefined
  }

  /** A call was given up for another, which asks for more. */
  givenUp(): void {
    this.#requestId = undefined
  }

  /** The session is over; the next call opens another. */
  renew(): void {
    this.#id = crypto.randomUUID()
    this.#sequence = 0
    this.#requestId = undefined
  }
}
