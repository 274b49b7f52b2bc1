import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { isWaiting } from '#shared/flow-run/held-run.ts'
import { newState } from '#shared/flow-run/state.ts'
import { deploymentLimit, refusalOf } from '#shared/limit/limit.ts'
import { REACHED_WORDS } from '#shared/limit/refusal-words.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'

/**
 * A new run as it is to be written: cancelled from the start when it is due, its deployment's limit is full and the
 * collision strategy is CANCEL_NEW. One write, so there is no run that waits although it should have been cancelled.
 */
export async function cancelIfColliding(
  deps: Deps,
  run: FlowRun,
  deployment: Pick<Deployment, 'id' | 'concurrencyLimit' | 'collisionStrategy'> | undefined,
): Promise<FlowRun> {
  if (!deployment || deployment.collisionStrategy !== 'CANCEL_NEW' || deployment.concurrencyLimit === null) return run
  if (!isWaiting(run) || run.expectedStartTime > run.state.timestamp) return run
  const key = deploymentLimit(deployment.id)
  const limit = (await getLimits(deps.table, [key])).get(key)
  if (!limit || refusalOf(limit) !== 'full') return run
  return advance(run, newState('CANCELLED', deps.clock.now(), { message: REACHED_WORDS }))
}
