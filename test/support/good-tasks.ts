const time = '2026-01-15 12:00:00.123456+00:00'
const page = { limit: 10, offset: 0 }

/** A full request body for each operation of task runs, and of limits that code and tasks ask for. */
export function goodTaskBodies(runId: string): Record<string, unknown> {
  const ids = { any_: [runId] }
  return {
    createRunInput: { key: 'new', value: '1', sender: 's' },
    listRunInputs: { prefix: 'a', limit: 5, exclude_keys: ['b'] },
    createTaskRun: {
      flow_run_id: runId,
      task_key: 'k',
      dynamic_key: '1',
      name: 'n',
      tags: ['a'],
      empirical_policy: { retries: 1, retry_delay: [1, 2], retry_jitter_factor: 0.5 },
      task_inputs: { a: [{ input_type: 'constant', type: 'int' }] },
      cache_expiration: time,
      state: { type: 'SCHEDULED', state_details: { scheduled_time: time } },
    },
    updateTaskRun: { name: 'n' },
    setTaskRunState: { state: { type: 'RUNNING' }, force: true },
    listTaskRuns: {
      task_runs: { id: ids, subflow_runs: { exists_: true } },
      flow_runs: { id: ids },
      ...page,
      sort: 'NAME_ASC',
    },
    paginateTaskRuns: { flow_runs: { id: ids }, limit: 10, page: 1 },
    createGlobalLimit: { name: 'n', limit: 2, active: true, active_slots: 0, slot_decay_per_second: 0.5 },
    updateGlobalLimit: { name: 'l', limit: 1_000, active: true, slot_decay_per_second: 0.5 },
    listGlobalLimits: page,
    incrementSlots: { names: ['l'], slots: 1, mode: 'concurrency' },
    incrementSlotsWithLease: { names: ['l'], slots: 1, lease_duration: 60, holder: { type: 'task_run', id: runId } },
    renewLease: { lease_duration: 60 },
    decrementSlots: { names: ['l'], slots: 1, occupancy_seconds: 1 },
    decrementSlotsWithLease: { lease_id: runId },
    createTagLimit: { tag: 't', concurrency_limit: 1 },
    listTagLimits: page,
    resetLimitOfTag: { slot_override: [runId] },
    incrementTags: { names: ['t'], task_run_id: runId },
    decrementTags: { names: ['t'], task_run_id: runId, occupancy_seconds: 1 },
  }
}
