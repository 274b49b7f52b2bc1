/** Counts the reads that one look for work still may make, so that none grows with the number of queues or limits. */
export class LookReads {
  left: number

  constructor(most: number) {
    this.left = most
  }

  /** Takes reads that are about to be made, or as many of them as there are left; returns how many. */
  take(wanted: number): number {
    const taken = Math.min(wanted, this.left)
    this.left -= taken
    return taken
  }
}
