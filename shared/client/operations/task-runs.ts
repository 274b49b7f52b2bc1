import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const taskRuns = {
  /** Count task runs; of the newest flow runs unless flow runs are given. */
  countTaskRuns: { method: 'POST', path: '/task_runs/count', body: true, repeat: 'always' },
  /** Create a task run; an existing one with these keys in its flow run is returned with 200. */
  createTaskRun: { method: 'POST', path: '/task_runs/', body: true, repeat: 'always' },
  /** Delete a task run. */
  deleteTaskRun: { method: 'DELETE', path: '/task_runs/:id', repeat: 'always' },
  /** Get a task run. */
  getTaskRun: { method: 'GET', path: '/task_runs/:id' },
  /** Get a state of a task run. */
  getTaskRunState: { method: 'GET', path: '/task_run_states/:id' },
  /** List a task run's states, oldest first, ending with the current one. */
  listTaskRunStates: { method: 'GET', path: '/task_run_states/', query: true },
  /** List task runs; of the newest flow runs unless flow runs are given. */
  listTaskRuns: { method: 'POST', path: '/task_runs/filter', body: true, pages: 'offset', repeat: 'always' },
  /** List task runs by page, with their count. */
  paginateTaskRuns: { method: 'POST', path: '/task_runs/paginate', body: true, pages: 'number', repeat: 'always' },
  /** Propose a task run's state; the response says whether it was accepted, and is 200 if nothing was stored. */
  setTaskRunState: { method: 'POST', path: '/task_runs/:id/set_state', body: true },
  /** Rename a task run. */
  updateTaskRun: { method: 'PATCH', path: '/task_runs/:id', body: true, repeat: 'always' },
} as const satisfies Record<string, Operation>
