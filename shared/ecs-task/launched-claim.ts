import { START_TIMEOUT_SECONDS } from '#shared/bounds.ts'
import type { Claim } from '#shared/flow-run/flow-run.ts'
import type { HeldRun } from '#shared/flow-run/held-run.ts'
import { addSeconds, type Instant, secondsBetween } from '#shared/instant.ts'

/**
 * A run's claim once its task is known. A task that starts long after its run was claimed, as after an ECS outage, gets
 * its full time to start, or the next inspection would stop it. The usual one starts at once and keeps the lease of its
 * claim: changing it would cost two index writes.
 */
export function launchedClaim({ state, claim }: HeldRun, now: Instant): Claim {
  const soon = secondsBetween(now, claim.leaseUntil) < START_TIMEOUT_SECONDS / 2
  return state.type === 'PENDING' && soon ? { ...claim, leaseUntil: addSeconds(now, START_TIMEOUT_SECONDS) } : claim
}
