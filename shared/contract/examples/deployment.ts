import type * as z from 'zod/mini'
import type * as contract from '#shared/contract/deployment/deployment.ts'
import type { DeploymentOut } from '#shared/contract/deployment/deployment.ts'
import type * as schedules from '#shared/contract/deployment/deployment-schedule.ts'
import type { ExamplesOf } from './example.ts'
import { flowRun, newRun } from './flow-run.ts'
import * as story from './story.ts'

const schedule = {
  id: story.SCHEDULE_ID,
  ...story.stored,
  deployment_id: story.DEPLOYMENT_ID,
  schedule: { cron: '0 2 * * *', timezone: 'Europe/Berlin', day_or: true },
  active: true,
  max_scheduled_runs: null,
  parameters: {},
  slug: 'nightly',
}
const newSchedule = { schedule: { cron: '0 2 * * *', timezone: 'Europe/Berlin' }, slug: 'nightly' }

const parameterSchema = { type: 'object', properties: { day: { type: 'string', format: 'date' } } }

const deployment: z.output<typeof DeploymentOut> = {
  id: story.DEPLOYMENT_ID,
  ...story.stored,
  name: 'nightly',
  version: '1.4.0',
  description: 'Loads the previous day',
  flow_id: story.FLOW_ID,
  paused: false,
  schedules: [schedule],
  concurrency_limit: null,
  global_concurrency_limit: {
    id: 'a9d3e7f5-6c10-5b84-92e8-1f7b4d0c3a56',
    ...story.stored,
    name: 'deployment:3e7c5b91-a0f4-5d28-96e1-c8b4f2a7d065',
    limit: 1,
    active: true,
    active_slots: 0,
    slot_decay_per_second: 0,
  },
  concurrency_options: { collision_strategy: 'ENQUEUE', grace_period_seconds: null },
  job_variables: { command: 'python etl.py', image: 'ghcr.io/acme/etl:1.4.0', cpu: 512 },
  parameters: { day: 'yesterday' },
  tags: ['data'],
  labels: { team: 'platform' },
  work_queue_name: 'urgent',
  work_queue_id: story.QUEUE_ID,
  work_pool_name: 'main',
  last_polled: null,
  parameter_openapi_schema: parameterSchema,
  path: null,
  pull_steps: null,
  entrypoint: null,
  storage_document_id: null,
  infrastructure_document_id: null,
  created_by: null,
  updated_by: null,
  status: 'READY',
  enforce_parameter_schema: true,
  on_agent_lost: 'crash' as const,
}

const filter = { deployments: { tags: { all_: ['data'] } }, work_pools: { name: { any_: ['main'] } } }
const done = { reply: null }

export const deploymentExamples = {
  createDeployment: {
    body: {
      name: 'nightly',
      flow_id: story.FLOW_ID,
      version: '1.4.0',
      work_pool_name: 'main',
      work_queue_name: 'urgent',
      job_variables: { command: 'python etl.py', image: 'ghcr.io/acme/etl:1.4.0', cpu: 512 },
      parameters: { day: 'yesterday' },
      parameter_openapi_schema: parameterSchema,
      concurrency_limit: 1,
      concurrency_options: { collision_strategy: 'ENQUEUE' },
      schedules: [newSchedule],
      tags: ['data'],
    },
    reply: deployment,
  },
  getDeployment: { reply: deployment },
  getDeploymentByName: { reply: deployment },
  updateDeployment: { body: { paused: true, concurrency_limit: 2, job_variables: { cpu: 1024 } } },
  deleteDeployment: {},
  listDeployments: { body: { ...filter, ...story.page, sort: 'NAME_ASC' }, reply: [deployment] },
  paginateDeployments: {
    body: { ...filter, limit: 50, page: 1 },
    reply: { results: [deployment], count: 1, limit: 50, pages: 1, page: 1 },
  },
  countDeployments: { body: filter, reply: 1 },
  listScheduledFlowRuns: {
    body: { deployment_ids: [story.DEPLOYMENT_ID], scheduled_before: story.DUE, limit: 10 },
    reply: [flowRun],
  },
  createFlowRunFromDeployment: { body: { ...newRun, job_variables: { cpu: 512 } }, reply: flowRun },
  pauseDeployment: done,
  resumeDeployment: done,
  setDeploymentScheduleInactive: done,
  setDeploymentScheduleActive: done,
  listDeploymentSchedules: { reply: [schedule] },
  createDeploymentSchedules: { body: [newSchedule], reply: [schedule] },
  updateDeploymentSchedule: { body: { active: false } },
  deleteDeploymentSchedule: {},
} satisfies ExamplesOf<typeof contract & typeof schedules>
