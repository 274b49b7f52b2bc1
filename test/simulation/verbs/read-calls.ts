import type { Caller } from '../outside/caller.ts'
import { uuidOf } from './uuid-of.ts'
import type { Scene } from './verb.ts'

/** One read, by a client. */
type Read = (client: Caller, scene: Scene) => Promise<unknown>

/** Every operation that reads, by what it reads. They decide nothing, and write down nothing that counts. */
export const READS: Record<string, readonly Read[]> = {
  runs: [
    (client) => client.call('listFlowRuns', { limit: 20 }),
    (client) => client.call('countFlowRuns', { flow_runs: { state: { type: { any_: ['SCHEDULED'] } } } }),
    (client) => client.call('paginateFlowRuns', { limit: 5 }),
    (client, scene) => client.call('explainFlowRun', { id: runId(scene) }),
    (client, scene) => client.call('explainFlowRuns', { flow_run_ids: [runId(scene), runId(scene)] }),
    (client, scene) => client.call('getFlowRun', { id: runId(scene) }),
    (client, scene) => client.call('listFlowRunStates', { flow_run_id: runId(scene) }),
    (client, scene) => client.call('getFlowRunState', { id: uuidOf(scene) }),
  ],
  tasks: [
    (client) => client.call('listTaskRuns', { limit: 5 }),
    (client) => client.call('countTaskRuns', {}),
    (client) => client.call('paginateTaskRuns', { limit: 5 }),
    (client, scene) => client.call('getTaskRun', { id: taskRunId(scene) }),
    (client, scene) => client.call('listTaskRunStates', { task_run_id: taskRunId(scene) }),
    (client, scene) => client.call('getTaskRunState', { id: uuidOf(scene) }),
  ],
  pools: [
    (client) => client.call('countWorkPools', {}),
    (client) => client.call('listWorkPools', { limit: 5 }),
    (client, scene) => client.call('getWorkPool', { name: poolOf(scene) }),
    (client, scene) => client.call('getWorkPoolSlots', { name: poolOf(scene) }, {}),
    (client, scene) => client.call('listWorkers', { pool: poolOf(scene) }, {}),
  ],
  queues: [
    (client) => client.call('listAllWorkQueues', {}),
    (client, scene) => client.call('listWorkQueues', { pool: poolOf(scene) }, {}),
    (client, scene) => client.call('getWorkQueue', { pool: poolOf(scene), queue: 'q1' }),
    (client, scene) => client.call('getLegacyWorkQueueByName', { name: `old-${scene.chance.whole(1, 2)}` }),
    (client, scene) => client.call('getWorkQueueById', { id: queueId(scene) }),
    (client, scene) => client.call('getWorkQueueSlots', { id: queueId(scene) }, {}),
    (client, scene) => client.call('getWorkQueueStatus', { id: queueId(scene) }),
  ],
  deployments: [
    (client) => client.call('listDeployments', {}),
    (client) => client.call('countDeployments', {}),
    (client) => client.call('paginateDeployments', { limit: 5 }),
    (client, scene) => client.call('getDeployment', { id: deploymentId(scene) }),
    (client) => client.call('getDeploymentByName', { flow_name: 'job', deployment_name: 'limited' }),
    (client, scene) => client.call('listDeploymentSchedules', { id: deploymentId(scene) }),
  ],
  limits: [
    (client) => client.call('listGlobalLimits', {}),
    (client) => client.call('getGlobalLimit', { id_or_name: 'license-1' }),
    (client) => client.call('listTagLimits', {}),
    (client, scene) => client.call('getTagLimit', { id: uuidOf(scene) }),
    (client) => client.call('getTagLimitByTag', { tag: 't1' }),
  ],
  flows: [
    (client) => client.call('listFlows', {}),
    (client) => client.call('countFlows', {}),
    (client, scene) => client.call('getFlow', { id: scene.known.deployments[0]?.flowId ?? uuidOf(scene) }),
    (client) => client.call('getFlowByName', { name: 'job' }),
    (client) => client.call('listLogs', { limit: 5 }),
    (client, scene) => client.call('listFlowRunInputs', { id: runId(scene) }, { prefix: 'note' }),
    (client) => client.call('listApiKeys', {}),
  ],
  artifacts: [
    (client) => client.call('listArtifacts', {}),
    (client) => client.call('listLatestArtifacts', {}),
    (client) => client.call('getLatestArtifact', { key: 'report' }),
    (client, scene) => client.call('getArtifact', { id: uuidOf(scene) }),
    (client) => client.call('listVariables', {}),
    (client) => client.call('countVariables', {}),
    (client, scene) => client.call('getVariable', { id: uuidOf(scene) }),
  ],
  blocks: [
    (client) => client.call('countBlockDocuments', {}),
    (client) => client.call('listBlockDocuments', {}),
    (client, scene) => client.call('getBlockDocument', { id: uuidOf(scene) }),
    (client) => client.call('getBlockDocumentByName', { slug: 'place', name: 'raw' }),
    (client) => client.call('listBlockDocumentsOfType', { slug: 'place' }),
    (client) => client.call('listBlockSchemas', {}),
    (client, scene) => client.call('getBlockSchema', { id: uuidOf(scene) }),
    (client) => client.call('getBlockSchemaByChecksum', { checksum: 'sha256:none' }),
    (client) => client.call('listBlockCapabilities'),
    (client) => client.call('listBlockTypes', {}),
    (client, scene) => client.call('getBlockType', { id: uuidOf(scene) }),
  ],
  service: [
    (client) => client.call('getReadiness'),
    (client) => client.call('getHealth'),
    (client) => client.call('getHello'),
    (client) => client.call('getOpenApi'),
    (client) => client.call('getVersion'),
    (client) => client.call('getPrefectVersion'),
    (client) => client.call('getServerStorage'),
    (client) => client.call('getCsrfToken', { client: 'console' }),
    (client) => client.call('getCollectionView', { view: 'aggregate-worker-metadata' }),
    (client) => client.call('listEvents', {}),
    (client) => client.call('listAutomations', {}),
    (client) => client.call('countAutomations', {}),
    (client) => client.call('createAutomation', { name: 'any' }),
    (client) => client.call('listRelatedAutomations', { resource: 'prefect.deployment.any' }),
    (client) => client.call('deleteOwnedAutomations', { resource: 'prefect.deployment.any' }),
  ],
}

const runId = (scene: Scene) => scene.anyRun()?.id ?? uuidOf(scene)
const taskRunId = (scene: Scene) => scene.chance.pick(scene.known.taskRuns)?.id ?? uuidOf(scene)
const poolOf = (scene: Scene) => scene.anyPool()?.name ?? 'none'
const queueId = (scene: Scene) => scene.chance.pick(scene.known.oldQueues)?.id ?? uuidOf(scene)
const deploymentId = (scene: Scene) => scene.anyDeployment()?.id ?? uuidOf(scene)
