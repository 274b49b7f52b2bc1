import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { formatInstant, type Instant } from '#shared/instant.ts'
import type { Json } from '../../outside/caller.ts'
import type { Moment } from '../judge.ts'
import { shownName } from './filters.ts'

const orNull = (instant: Instant | null): string | null => (instant === null ? null : formatInstant(instant))

/** What a run is shown as, against what is stored of it. */
export function shownProblems(shown: readonly Json[], { picture, places, now }: Moment): string[] {
  const stored = new Map([...picture.runs.values()].map((run) => [run.id, run]))
  return shown.flatMap((view) => {
    const run = stored.get(view.id as string)
    if (!run) return []
    const right = viewOf(run, { picture, places, now })
    const wrong = Object.keys(right).filter((member) => view[member] !== right[member])
    const name = view.state_name === shownName(view, now) ? [] : ['state_name']
    return [...wrong, ...name].map(
      (member) => `run ${run.id} is shown with ${member} ${String(view[member])}, stored is ${String(right[member])}`,
    )
  })
}

function viewOf(run: FlowRun, { places }: Moment): Record<string, unknown> {
  const { poolId, queueId } = run
  const queue = places.queues.get(queueId ?? '')
  return {
    state_type: run.state.type,
    deployment_id: run.deploymentId,
    flow_id: run.flowId,
    work_pool_id: poolId,
    work_queue_id: queueId,
    work_queue_name: queue?.name ?? null,
    work_pool_name: queue ? (places.pools.get(queue.poolId)?.name ?? null) : null,
    run_count: run.runCount,
    created: formatInstant(run.created),
    expected_start_time: formatInstant(run.expectedStartTime),
    next_scheduled_start_time: orNull(run.nextScheduledStartTime),
    start_time: orNull(run.startTime),
    end_time: orNull(run.endTime),
    total_run_time: run.totalRunTimeSeconds,
    infrastructure_pid: run.infrastructurePid,
  }
}
