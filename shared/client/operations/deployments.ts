import type { Operation } from '#shared/client/operation.ts'

/** Generated from shared/contract by `npm run client-table`; don't edit. */
export const deployments = {
  /** Count deployments. */
  countDeployments: { method: 'POST', path: '/deployments/count', body: true, repeat: 'always' },
  /** Create a deployment, or update the one with that flow and name, with 200. */
  createDeployment: { method: 'POST', path: '/deployments/', body: true, repeat: 'always' },
  /** Create schedules of a deployment. */
  createDeploymentSchedules: { method: 'POST', path: '/deployments/:id/schedules', body: true },
  /** Create a flow run of a deployment; a repeated idempotency key returns the existing run with 200. */
  createFlowRunFromDeployment: {
    method: 'POST',
    path: '/deployments/:id/create_flow_run',
    body: true,
    repeat: 'keyed',
  },
  /** Delete a deployment and cancel its waiting runs. */
  deleteDeployment: { method: 'DELETE', path: '/deployments/:id', repeat: 'always' },
  /** Delete a schedule. */
  deleteDeploymentSchedule: { method: 'DELETE', path: '/deployments/:id/schedules/:schedule_id', repeat: 'always' },
  /** Get a deployment. */
  getDeployment: { method: 'GET', path: '/deployments/:id' },
  /** Get a deployment by the names of its flow and itself. */
  getDeploymentByName: { method: 'GET', path: '/deployments/name/:flow_name/:deployment_name' },
  /** List a deployment's schedules. */
  listDeploymentSchedules: { method: 'GET', path: '/deployments/:id/schedules' },
  /** List deployments. */
  listDeployments: { method: 'POST', path: '/deployments/filter', body: true, pages: 'offset', repeat: 'always' },
  /** Poll the deployments that a process serves for runs to start. */
  listScheduledFlowRuns: { method: 'POST', path: '/deployments/get_scheduled_flow_runs', body: true, repeat: 'always' },
  /** List deployments by page, with their count. */
  paginateDeployments: { method: 'POST', path: '/deployments/paginate', body: true, pages: 'number', repeat: 'always' },
  /** Pause a deployment: stop creating runs from its schedules. */
  pauseDeployment: { method: 'POST', path: '/deployments/:id/pause_deployment', repeat: 'always' },
  /** Resume a deployment: create runs from its schedules again. */
  resumeDeployment: { method: 'POST', path: '/deployments/:id/resume_deployment', repeat: 'always' },
  /** Resume a deployment; Prefect 2's name for resume_deployment. */
  setDeploymentScheduleActive: { method: 'POST', path: '/deployments/:id/set_schedule_active', repeat: 'always' },
  /** Pause a deployment; Prefect 2's name for pause_deployment. */
  setDeploymentScheduleInactive: { method: 'POST', path: '/deployments/:id/set_schedule_inactive', repeat: 'always' },
  /** Update a deployment; omitted fields stay unchanged. */
  updateDeployment: { method: 'PATCH', path: '/deployments/:id', body: true, repeat: 'always' },
  /** Update a schedule; omitted fields stay unchanged. */
  updateDeploymentSchedule: {
    method: 'PATCH',
    path: '/deployments/:id/schedules/:schedule_id',
    body: true,
    repeat: 'always',
  },
} as const satisfies Record<string, Operation>
