import type { Deps } from '../../shared/deps.ts'
import { createFlowRun } from '../../shared/engine/create-flow-run.ts'
import { createWorkPool } from '../../shared/engine/create-work-pool.ts'
import { createWorkQueue } from '../../shared/engine/create-work-queue.ts'
import { stateIdOf } from '../../shared/flow-run/ids.ts'
import { recordHeartbeat } from '../../shared/storage/record-heartbeat.ts'
import type { api } from './api.ts'
import { goodTaskBodies } from './good-tasks.ts'
import { blockBodies, type BlockStage, setBlocks } from './good-blocks.ts'

/** What the requests below speak of. */
export interface Stage {
  queueId: string
  flowId: string
  deploymentId: string
  runId: string
  stateId: string
  taskRunId: string
  taskStateId: string
  tagLimitId: string
  leaseId: string
  keyId: string
  blocks: BlockStage
}

/** Creates one of everything, so that requests reach past "not found". */
export async function setStage(deps: Deps, http: ReturnType<typeof api>): Promise<Stage> {
  const pool = await createWorkPool(deps, { name: 'p', type: 'process' })
  const queue = await createWorkQueue(deps, 'p', { name: 'q' })
  await recordHeartbeat(deps.table, { poolId: pool.id, name: 'w', intervalSeconds: 30, now: deps.clock.now() })
  const flow = (await http.post('/flows/', { name: 'f' })).body
  const deployment = (
    await http.post('/deployments/', { name: 'd', flow_id: flow.id, work_pool_name: 'p', work_queue_name: 'q' })
  ).body
  const { run } = await createFlowRun(deps, { flowId: flow.id, deploymentId: deployment.id })
  const task = (await http.post('/task_runs/', { flow_run_id: run.id, task_key: 't', dynamic_key: '0' })).body
  const tagLimit = (await http.post('/concurrency_limits/', { tag: 't', concurrency_limit: 1_000 })).body
  await http.post('/v2/concurrency_limits/', { name: 'l', limit: 1_000 })
  const lease = (await http.post('/v2/concurrency_limits/increment-with-lease', { names: ['l'], slots: 1 })).body
  return {
    queueId: queue.id,
    flowId: flow.id,
    deploymentId: deployment.id,
    runId: run.id,
    stateId: stateIdOf(run.id, 1),
    taskRunId: task.id,
    taskStateId: task.state_id,
    tagLimitId: tagLimit.id,
    leaseId: lease.lease_id,
    keyId: (await http.post('/api_keys/', { name: 'k' })).body.id,
    blocks: await setBlocks(http),
  }
}

/** The path parameters of an endpoint, each naming what is there. */
export function goodParams(path: string, stage: Stage): Record<string, string> {
  const [, noun] = path.split('/')
  const ids: Record<string, string> = {
    work_queues: stage.queueId,
    flows: stage.flowId,
    deployments: stage.deploymentId,
    flow_runs: stage.runId,
    flow_run_states: stage.stateId,
    task_runs: stage.taskRunId,
    task_run_states: stage.taskStateId,
    concurrency_limits: stage.tagLimitId,
    v2: stage.leaseId,
    api_keys: stage.keyId,
    variables: stage.blocks.variableId,
    block_types: stage.blocks.typeId,
    block_schemas: stage.blocks.schemaId,
    block_documents: stage.blocks.documentId,
    artifacts: stage.blocks.artifactId,
  }
  const named = noun === 'work_pools' ? 'p' : noun === 'flows' ? 'f' : 'q'
  const schedule_id = stage.runId
  return {
    id: ids[noun ?? ''] ?? '',
    name: named,
    pool: 'p',
    queue: 'q',
    worker: 'w',
    flow_name: 'f',
    deployment_name: 'd',
    schedule_id,
    id_or_name: 'l',
    tag: 't',
    resource: 'r',
    key: 'q',
    view: 'aggregate-worker-metadata',
    slug: 'q',
    checksum: stage.blocks.checksum,
  }
}

const time = '2026-01-15 12:00:00.123456+00:00'
const page = { limit: 10, offset: 0 }
const poolSettings = {
  description: 'text',
  is_paused: false,
  concurrency_limit: 5,
  base_job_template: { job_configuration: { a: '{{ b }}' }, variables: { properties: { b: {} } } },
  storage_configuration: { a: 1 },
}
const queueSettings = {
  description: 'text',
  is_paused: false,
  concurrency_limit: 5,
  priority: 7,
  filter: { tags: ['a'] },
}

const apiKeyBodies = {
  createApiKey: { name: 'k', scope: 'operate', expires_at: '2027-01-15 12:00:00+00:00', expires_in_seconds: null },
  listApiKeys: {
    api_keys: { name: { any_: ['k'] }, scope: { any_: ['work'] }, status: { any_: ['ACTIVE'] } },
    ...page,
  },
}

function poolBodies({ runId, flowId }: Stage) {
  const ids = { any_: [runId], not_any_: [flowId] }
  return {
    createPool: { name: 'new', type: 'process', ...poolSettings },
    updatePool: { name: 'p', type: 'process', ...poolSettings },
    listPools: {
      work_pools: { operator: 'and_', id: ids, name: { any_: ['p'] }, type: { any_: ['process'] } },
      ...page,
    },
    countPools: { work_pools: { name: { any_: ['p'] } } },
    pollPool: { work_queue_names: ['q'], scheduled_before: time, scheduled_after: time, limit: 1 },
    createQueue: { name: 'new', ...queueSettings },
    updateQueue: { name: 'q', ...queueSettings },
    listQueues: { work_queues: { id: ids, name: { any_: ['q'], startswith_: ['q'] } }, ...page },
    createAgentQueue: { name: 'new', ...queueSettings },
    updateQueueById: { name: 'q', ...queueSettings },
    listAllQueues: { work_queues: { id: ids, name: { any_: ['q'], startswith_: ['q'] } }, ...page },
    pollQueue: { limit: 1, scheduled_before: time, agent_id: runId },
    readPoolSlots: { page: 1, limit: 10, flow_run_limit: 5 },
    readQueueSlots: { page: 1, limit: 10, flow_run_limit: 5 },
    heartbeat: { name: 'w', heartbeat_interval_seconds: 30 },
    listWorkers: { workers: { status: { any_: ['ONLINE'] }, last_heartbeat_time: { before_: time } }, ...page },
  }
}

/** A full request body for each operation of pools, queues and workers, and the short ones that others need. */
export function goodBodies(stage: Stage): Record<string, unknown> {
  const { flowId, deploymentId, runId } = stage
  const ids = { any_: [runId], not_any_: [flowId] }
  const runs = { flow_runs: { id: ids, name: { any_: ['a'], like_: 'b' }, state: { type: { any_: ['SCHEDULED'] } } } }
  const state = { type: 'SCHEDULED', name: 'Later', message: 'm', state_details: { scheduled_time: time } }
  const runSettings = {
    name: 'r',
    state,
    parameters: { a: 1 },
    context: { a: 1 },
    tags: ['a'],
    labels: { a: 1 },
    job_variables: { env: { A: 'b' } },
    empirical_policy: { retries: 1, retry_delay: 2 },
  }
  return {
    ...apiKeyBodies,
    ...poolBodies(stage),
    createFlow: { name: 'f2', tags: ['a'], labels: { a: 1 } },
    updateFlow: { tags: ['a'] },
    listFlows: { flows: { id: ids, name: { any_: ['f'] } }, ...runs, ...page, sort: 'NAME_ASC' },
    createDeployment: {
      name: 'd2',
      flow_id: flowId,
      work_pool_name: 'p',
      work_queue_name: 'q',
      parameters: { a: 1 },
      tags: ['a'],
      job_variables: { env: { A: 'b' } },
      concurrency_limit: 3,
      concurrency_options: { collision_strategy: 'ENQUEUE' },
      schedules: [{ schedule: { cron: '0 * * * *', timezone: 'UTC' }, active: false }],
      entrypoint: 'a.py:f',
      pull_steps: [{ a: {} }],
    },
    updateDeployment: { tags: ['a'], parameters: { a: 1 }, paused: false, concurrency_limit: 3 },
    createRunFromDeployment: runSettings,
    addSchedules: [{ schedule: { interval: 60 }, active: false, slug: 's' }],
    updateSchedule: { active: true },
    getScheduledRuns: { deployment_ids: [deploymentId], scheduled_before: time, limit: 1 },
    listDeployments: { deployments: { id: ids }, ...page },
    createFlowRun: { flow_id: flowId, ...runSettings },
    updateFlowRun: { name: 'r', tags: ['a'], infrastructure_pid: '1', parameters: { a: 1 }, job_variables: { a: 1 } },
    listFlowRuns: { ...runs, ...page, sort: 'EXPECTED_START_TIME_DESC' },
    paginateFlowRuns: { ...runs, limit: 10, page: 1 },
    setFlowRunLabels: { a: 'b' },
    setFlowRunState: { state, force: false },
    resumeFlowRun: { run_input: { a: 1 } },
    ...goodTaskBodies(stage.runId),
    createLogs: [{ name: 'n', level: 20, message: 'm', timestamp: time, flow_run_id: runId }],
    ...blockBodies(stage.blocks, ids),
    listLogs: { logs: { flow_run_id: { any_: [runId] }, level: { ge_: 1 } }, ...page, sort: 'TIMESTAMP_ASC' },
  }
}
