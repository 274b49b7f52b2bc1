import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun, Launch } from '#shared/flow-run/flow-run.ts'
import type { HeldRun } from '#shared/flow-run/held-run.ts'
import { defaultStateName, newState } from '#shared/flow-run/state.ts'
import type { Instant } from '#shared/instant.ts'
import { launchedClaim } from './launched-claim.ts'

/** Prefect's state name (since 3.6.22) for a run whose infrastructure was requested and is not running yet. */
const PROVISIONING = 'InfrastructurePending'

/**
 * A run once its task is known. A flow that waits shows from now on that it waits for ECS; this costs nothing, since the
 * task has to be written down anyway. A plain command's next state comes from ECS itself.
 */
export function launchedRun(run: HeldRun, launch: Launch, now: Instant): FlowRun {
  const known = { ...run, launch, claim: launchedClaim(run, now), unanswered: undefined }
  const { type, name, message, details } = run.state
  if (run.job !== 'flow' || type !== 'PENDING' || name !== defaultStateName(type)) return known
  return advance(known, newState(type, now, { name: PROVISIONING, message, details }))
}
