import type { Hold } from '#shared/agent/agent.ts'
import { isHeldAs } from '#shared/agent/settle-holds.ts'
import type { Deployment, OnAgentLost } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { applyConsequences } from '#shared/engine/dispatch/apply-consequences.ts'
import { launchContexts } from '#shared/engine/job/launch-contexts.ts'
import { getFittingRuns } from '#shared/engine/read/get-fitting-runs.ts'
import { type QueueNames, queueNamesOf } from '#shared/engine/read/queue-names.ts'
import { advance } from '#shared/flow-run/advance.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { DEPLOYMENT_DELETED } from '#shared/flow-run/messages.ts'
import { newState, type State } from '#shared/flow-run/state.ts'
import { type Instant, secondsBetween } from '#shared/instant.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import type { WorkPool } from '#shared/work-pool/work-pool.ts'
import { type AgentJob, agentJob } from './agent-job.ts'

/** A claimed run with all that its agent needs to start it. */
export interface ClaimedRun {
  run: FlowRun
  /** Until it is due; 0 once it is. */
  dueInSeconds: number
  flowName: string | null
  deployment: Pick<Deployment, 'id' | 'name' | 'path'> | null
  poolType: string
  onAgentLost: OnAgentLost
  job: AgentJob
  /** Names of queues by id, that of the run's among them. */
  names: ReadonlyMap<string, QueueNames>
}

/**
 * Reads what agents need to start runs that they hold, as many as fit an answer; the rest is handed out again with the
 * next. A run that can't be started ends here, with the reason.
 */
export async function claimedRuns(deps: Deps, pool: WorkPool, holds: readonly Hold[]): Promise<ClaimedRun[]> {
  const holdOf = new Map(holds.map((hold) => [hold.runId, hold]))
  const isWanted = (run: FlowRun) => {
    const hold = holdOf.get(run.id)
    return hold !== undefined && isHeldAs(run, hold) && run.state.type !== 'CANCELLING'
  }
  const runs = await getFittingRuns(deps, [...holdOf.keys()], isWanted)
  const names = await queueNamesOf(deps, runs)
  const contextOf = launchContexts(deps, pool)
  const claimed: ClaimedRun[] = []
  for (const run of runs) {
    const context = await contextOf(run)
    const { deployment, flow } = context
    const isGone = run.deploymentId !== null && (!deployment || deployment.deleting)
    const job = isGone ? undefined : await agentJob(deps, run, context)
    if (!job) await end(deps, run, newState('CANCELLED', deps.clock.now(), { message: DEPLOYMENT_DELETED }))
    else if ('problem' in job) await end(deps, run, newState('CRASHED', deps.clock.now(), { message: job.problem }))
    else {
      claimed.push({
        run,
        dueInSeconds: Math.max(0, secondsBetween(deps.clock.now(), dueOf(run))),
        flowName: flow?.name ?? null,
        deployment: deployment ?? null,
        poolType: pool.type,
        onAgentLost: deployment?.onAgentLost ?? 'crash',
        job,
        names,
      })
    }
  }
  return claimed
}

const dueOf = ({ state }: FlowRun): Instant => state.details.scheduledTime ?? 0

/** Should another write come first, the run is handed out again, or is no longer the agent's. */
async function end(deps: Deps, run: FlowRun, state: State): Promise<void> {
  const next = advance(run, state)
  if (!(await saveRun(deps.table, run, next))) return
  deps.log.warn('flow run not handed to an agent', { runId: run.id, to: state.name, reason: state.message })
  await applyConsequences(deps, run, next)
}
