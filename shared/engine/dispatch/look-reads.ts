/** Counts the reads that one look for work still may make, so that none grows with the number of queues or limits. */
export class LookReads {
  left: number

  constructor(most: number) {
    this.left = most
  }

  /** Takes reads that are about to be made, or as many of them as are left beside those to keep; returns how many. */
  take(wanted: number, kept = 0): number {
    const taken = Math.max(0, Math.min(wanted, this.left - kept))
    this.left -= taken
    return taken
  }
}
