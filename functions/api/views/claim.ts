import type { RunToStop } from '#shared/agent/settle-holds.ts'
import type { ClaimAnswer } from '#shared/engine/agent/claim-call.ts'
import type { ClaimedRun } from '#shared/engine/agent/claimed-runs.ts'
import type { Instant } from '#shared/instant.ts'
import { pauseView } from './agent.ts'
import { flowRunView } from './flow-run.ts'

/** What an agent is told. */
export function claimView(answer: ClaimAnswer, now: Instant) {
  return {
    sequence: answer.agent.revision,
    lease_seconds: answer.leaseSeconds,
    runs: answer.runs.map((claimed) => claimedRunView(claimed, now)),
    stop: answer.stop.map(stopView),
    queues: answer.queues.map(({ queue, isPaused, created }) => {
      return { id: queue.id, name: queue.name, is_paused: isPaused, created }
    }),
    next_due_in_seconds: answer.nextDueSeconds,
    waited: answer.waited,
    paused: pauseView(answer.paused),
    drain: answer.agent.draining,
  }
}

function claimedRunView(
  { run, dueInSeconds, flowName, deployment, poolType, onAgentLost, job, names }: ClaimedRun,
  now: Instant,
) {
  const { kind, command, env, image, cpu, memoryMib, timeoutSeconds, configuration } = job
  return {
    flow_run: flowRunView(run, { now, queues: names }),
    life: run.life,
    generation: run.generation,
    due_in_seconds: dueInSeconds,
    flow_name: flowName,
    deployment: deployment && { id: deployment.id, name: deployment.name, path: deployment.path },
    work_pool_type: poolType,
    on_agent_lost: onAgentLost,
    job: { kind, command, env, image, cpu, memory: memoryMib, timeout_seconds: timeoutSeconds, configuration },
  }
}

function stopView({ runId, generation, reason, message }: RunToStop) {
  return { flow_run_id: runId, generation, reason, message }
}
