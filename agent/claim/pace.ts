/** What decides how long to wait before the next claim call; times in seconds. */
export interface PaceInput {
  /** Whether the service waited for work itself. */
  waited: boolean
  /** From sending the call to its answer. */
  tookSeconds: number
  /** When the next run can be had. */
  nextDueIn: number | null
  /** How many runs the answer brought, and how many there was room for. */
  claimed: number
  asked: number
  /** Room that is left now. */
  free: number
  /** The last wait for want of work; undefined after work. */
  idleSeconds: number | undefined
  held: number
  leaseSeconds: number
}

export const IDLE_SECONDS = { first: 1, max: 30 }
/** While something is held no more of the lease goes by without a call than this part of it. */
export const LEASE_PART = 6
/** A service that says that it waited, and did not, is not called in a tight loop. */
const ROUND_SECONDS_MIN = 0.25
/** The service claims no more of a queue at once. */
export const BATCH_MAX = 25
const DUE_SECONDS_MIN = 0.05

/** How long to wait before the next claim call, and what of that is for want of work. */
export function pace(input: PaceInput): { seconds: number; idleSeconds: number | undefined } {
  const { waited, claimed, asked, free, held, leaseSeconds } = input
  const idleSeconds =
    claimed > 0 ? undefined : Math.min(IDLE_SECONDS.max, (input.idleSeconds ?? IDLE_SECONDS.first / 2) * 2)
  // As much as there was room for: there may be more.
  if (claimed > 0 && claimed >= Math.min(asked, BATCH_MAX) && free > 0) return { seconds: 0, idleSeconds }
  if (waited) {
    const early = claimed === 0 && input.tookSeconds < ROUND_SECONDS_MIN
    return { seconds: early ? ROUND_SECONDS_MIN : 0, idleSeconds }
  }
  const bounds = [idleSeconds ?? IDLE_SECONDS.first]
  if (held > 0) bounds.push(leaseSeconds / LEASE_PART)
  const due = input.nextDueIn ?? 0
  // What is due already and was not handed out is not handed out sooner for asking.
  if (free > 0 && due > 0) bounds.push(Math.max(DUE_SECONDS_MIN, due))
  return { seconds: Math.min(...bounds), idleSeconds }
}

/** How long the service may wait for work on behalf of this call. What it then hands out is to come within the lease. */
export function waitSeconds(
  { free, leaseSeconds, draining }: { free: number; leaseSeconds: number; draining: boolean },
  most: number,
): number {
  return free === 0 || draining ? 0 : Math.min(most, leaseSeconds / LEASE_PART)
}
