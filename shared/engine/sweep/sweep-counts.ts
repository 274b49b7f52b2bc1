/** What one sweep repaired; all zero when all is well, except inspections of long runs. */
export interface SweepCounts {
  inspected: number
  lostLaunches: number
  sessionsEnded: number
  pausesExpired: number
  limitsOpened: number
  hinted: number
  collisions: number
  strays: number
  deletionsFinished: number
  leased: number
  subflowsCancelled: number
  leasesExpired: number
  drift: number
  failures: number
}

/** Parts that repair nothing by themselves, and so count nothing. */
type UncountedPart = 'arming' | 'phases' | 'uptime'

/** Does a part of the sweep under the name of what it counts; one that fails does not stop the others. */
export interface SweepPart {
  (name: UncountedPart, work: () => Promise<void>): Promise<void>
  (name: keyof SweepCounts, work: () => Promise<number>): Promise<void>
}
