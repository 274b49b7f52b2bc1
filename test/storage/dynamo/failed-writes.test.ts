import { TransactionCanceledException } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newApiKey } from '#shared/api-key/api-key.ts'
import { createApiKey } from '#shared/storage/api-key/create-api-key.ts'
import { revokeApiKey } from '#shared/storage/api-key/revoke-api-key.ts'
import { putArtifact } from '#shared/storage/artifact/put-artifact.ts'
import { putBlockDocument } from '#shared/storage/block/put-block-document.ts'
import { putBlockSchema } from '#shared/storage/block/put-block-schema.ts'
import { absenceCheck } from '#shared/storage/deletion/deletion-check.ts'
import { postponeDeletion } from '#shared/storage/deletion/postpone-deletion.ts'
import { deleteDeployment, markDeploymentDeleting } from '#shared/storage/deployment/delete-deployment.ts'
import { putDeployment } from '#shared/storage/deployment/put-deployment.ts'
import { recordDeploymentPoll } from '#shared/storage/deployment/record-deployment-poll.ts'
import { deleteItem } from '#shared/storage/dynamo/delete-item.ts'
import { putJsonItem } from '#shared/storage/dynamo/put-json-item.ts'
import { type Table, variableKey } from '#shared/storage/dynamo/table.ts'
import { TransactionRefused } from '#shared/storage/dynamo/transact.ts'
import { createFlow } from '#shared/storage/flow/create-flow.ts'
import { deleteFlow } from '#shared/storage/flow/delete-flow.ts'
import { setFlowTags } from '#shared/storage/flow/set-flow-tags.ts'
import { changeWaitingRuns } from '#shared/storage/flow-run/change-waiting-runs.ts'
import { createClaimedRun, createRun } from '#shared/storage/flow-run/create-run.ts'
import { deleteRun } from '#shared/storage/flow-run/delete-run.ts'
import { putRunInput } from '#shared/storage/flow-run/put-run-input.ts'
import { recordSign } from '#shared/storage/flow-run/record-sign.ts'
import { saveRun } from '#shared/storage/flow-run/save-run.ts'
import { takeRunInputs } from '#shared/storage/flow-run/take-run-inputs.ts'
import { markDeleting } from '#shared/storage/limit/mark-deleting.ts'
import { giveSlots, renewLease, takeSlots } from '#shared/storage/limit/move-slots.ts'
import { createGlobalLimit } from '#shared/storage/limit/put-global-limit.ts'
import { deleteRoomHint, putRoomHint } from '#shared/storage/limit/room-hints.ts'
import { addWaitingPool, saveWaitingCursor } from '#shared/storage/limit/waiting-pools.ts'
import { putLogs } from '#shared/storage/log/put-logs.ts'
import { putUptime } from '#shared/storage/service/put-uptime.ts'
import { deleteTaskDefinition } from '#shared/storage/task-definition/delete-task-definition.ts'
import { putTaskDefinition } from '#shared/storage/task-definition/put-task-definition.ts'
import { createTaskRun } from '#shared/storage/task-run/create-task-run.ts'
import { deleteTaskRuns } from '#shared/storage/task-run/delete-task-runs.ts'
import { saveTaskRun } from '#shared/storage/task-run/save-task-run.ts'
import { createPool } from '#shared/storage/work-pool/create-pool.ts'
import { deletePool } from '#shared/storage/work-pool/delete-pool.ts'
import { deleteWorker } from '#shared/storage/work-pool/delete-worker.ts'
import { forgetPoolLines } from '#shared/storage/work-pool/forget-pool-lines.ts'
import { recordHeartbeat } from '#shared/storage/work-pool/record-heartbeat.ts'
import { recordPoolPoll, recordQueuePoll } from '#shared/storage/work-pool/record-poll.ts'
import { updatePool } from '#shared/storage/work-pool/update-pool.ts'
import { createQueue } from '#shared/storage/work-queue/create-queue.ts'
import { deleteQueue } from '#shared/storage/work-queue/delete-queue.ts'
import { updateQueue } from '#shared/storage/work-queue/update-queue.ts'
import { answerLost, withInterceptor } from '../../support/faults/faulty-calls.ts'
import { aDeployment } from '../../support/fixtures/a-deployment.ts'
import { aFlow } from '../../support/fixtures/a-flow.ts'
import { aPool, aQueue } from '../../support/fixtures/a-pool.ts'
import { aClaim, aRun, heldIn, LIFE, runIn, someDetails, T0 } from '../../support/fixtures/a-run.ts'
import { aTaskRun } from '../../support/fixtures/a-task-run.ts'
import { setPaused } from '../../support/fixtures/put-limits.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
const WAITING = aRun({ id: '0198a1b2-c3d4-7e5f-8a9b-00000000000a' })
beforeAll(async () => {
  world = await openWorld()
  await createRun(world.table, WAITING)
})
afterAll(() => world.close())

/** The table for a process whose writes all fail so. */
function failing(error: Error): Table {
  return withInterceptor(world, async ({ name }, go) => {
    if (/Put|Update|Delete|Write/.test(name)) throw error
    return await go()
  }).table
}

const LARGE = someDetails({ parameters: { text: 'x'.repeat(400_000) } })
const deployment = aDeployment()
const [pool, flow, task] = [aPool('p'), aFlow(), aTaskRun()]
const queue = aQueue(pool)
const largeTask = aTaskRun({ details: { ...task.details, inputs: { x: 'x'.repeat(400_000) } } })
const limit = { limit: null, paused: false }
const times = { created: T0, updated: T0 }
const lease = { id: 'l', slots: 1, limits: [], holder: null, until: T0, created: T0 }
const global = { id: 'l', name: 'l', limit: 1, inForce: true, decayPerSecond: 0, active: 0, countedAt: T0, loose: 0 }
const held = heldIn('RUNNING', aClaim({ slots: ['pool#p'] }))
const document = { id: 'd', name: 'd', typeId: 't', schemaId: 's', data: {}, anonymous: false, ...times }
const schema = { id: 's', typeId: 't', checksum: 'c', fields: {}, capabilities: [], version: '1', ...times }
const artifact = {
  id: 'a',
  key: null,
  type: null,
  description: null,
  data: 1,
  metadata: null,
  flowRunId: null,
  taskRunId: null,
  ...times,
}
const deletion = { kind: 'pool' as const, id: 'p', life: LIFE }
const uptime = { since: T0, at: T0, pools: {} }

const SINGLE: Record<string, (table: Table) => Promise<unknown>> = {
  createApiKey: (table) => createApiKey(table, newApiKey({ name: 'k', scope: 'work', created: T0, expires: null }).key),
  revokeApiKey: (table) => revokeApiKey(table, 'k', T0),
  putArtifact: (table) => putArtifact(table, artifact, undefined),
  postponeDeletion: (table) => postponeDeletion(table, { ...deletion, due: T0 }),
  recordDeploymentPoll: (table) => recordDeploymentPoll(table, 'd', T0),
  deleteItem: (table) => deleteItem(table, { pk: 'p', sk: 's' }),
  putJsonItem: (table) => putJsonItem(table, variableKey('v'), { id: 'v', ...times }, undefined),
  createFlow: (table) => createFlow(table, flow),
  deleteFlow: (table) => deleteFlow(table, flow),
  setFlowTags: (table) => setFlowTags(table, flow),
  createRun: (table) => createRun(table, aRun()),
  putRunInput: (table) => putRunInput(table, LIFE, { runId: 'r', key: 'k', value: '1', sender: null, created: T0 }),
  recordSign: (table) => recordSign(table, held, T0),
  saveRun: (table) => saveRun(table, WAITING, { ...WAITING, infrastructurePid: '1' }),
  setPaused: (table) => setPaused(table, 'pool#p', true),
  renewLease: (table) => renewLease(table, 'l', T0),
  createGlobalLimit: (table) =>
    createGlobalLimit(table, { ...global, leased: 0, heldSeconds: 0, releases: 0, moves: 0, ...times }),
  putRoomHint: (table) => putRoomHint(table, 'p', { limit: 'pool#p', stamp: 's' }),
  deleteRoomHint: (table) => deleteRoomHint(table, 'p', { limit: 'pool#p', stamp: 's' }),
  addWaitingPool: (table) => addWaitingPool(table, 'deployment#d', { poolId: 'p', push: true }),
  saveWaitingCursor: (table) => saveWaitingCursor(table, 'p', 'a'),
  putLogs: (table) => putLogs(table, [{ runId: 'r', life: LIFE, span: T0, id: 'c', parts: [Buffer.from('x')] }]),
  putUptime: (table) => putUptime(table, uptime, undefined),
  deleteTaskDefinition: (table) => deleteTaskDefinition(table, 'h', 'a'),
  putTaskDefinition: (table) => putTaskDefinition(table, 'h', 'a'),
  createTaskRun: (table) => createTaskRun(table, task),
  deleteTaskRuns: (table) => deleteTaskRuns(table, [task]),
  saveTaskRun: (table) => saveTaskRun(table, task, task),
  recordHeartbeat: (table) => recordHeartbeat(table, { poolId: 'p', name: 'w', intervalSeconds: 1, now: T0 }),
  recordPoolPoll: (table) => recordPoolPoll(table, 'p', T0),
  recordQueuePoll: (table) => recordQueuePoll(table, 'p', 'q', T0),
}

const TRANSACTIONS: Record<string, (table: Table) => Promise<unknown>> = {
  putBlockDocument: (table) => putBlockDocument(table, document, undefined),
  putBlockSchema: (table) => putBlockSchema(table, schema),
  markDeploymentDeleting: (table) => markDeploymentDeleting(table, deployment, T0),
  deleteDeployment: (table) => deleteDeployment(table, deployment),
  putDeployment: (table) => putDeployment(table, { before: null, deployment }),
  changeWaitingRuns: (table) => changeWaitingRuns(table, [WAITING.id], (run) => run, absenceCheck(table, 'pool#p')),
  createClaimedRun: (table) => createClaimedRun(table, runIn('RUNNING'), { poolEpoch: null, absent: null }),
  'createRun of large details': (table) => createRun(table, aRun({ details: LARGE })),
  deleteRun: (table) => deleteRun(table, WAITING, T0),
  'saveRun of large details': (table) => saveRun(table, WAITING, { ...WAITING, details: LARGE }),
  'saveRun that gives slots back': (table) => saveRun(table, held, { ...held, claim: null }),
  takeRunInputs: (table) => takeRunInputs(table, WAITING, ['k']),
  markDeleting: (table) => markDeleting(table, 'pool#p', deletion, T0),
  takeSlots: (table) => takeSlots(table, { limits: [], slots: 1, lease, now: T0 }),
  giveSlots: (table) => giveSlots(table, { limits: [], slots: 1, lease, now: T0 }),
  'createTaskRun of large details': (table) => createTaskRun(table, largeTask),
  'deleteTaskRuns of large details': (table) => deleteTaskRuns(table, [largeTask]),
  'saveTaskRun that takes slots': (table) =>
    saveTaskRun(table, task, task, { take: { limits: [], slots: 1, lease, now: T0 } }),
  createPool: (table) => createPool(table, pool, limit, queue),
  deletePool: (table) => deletePool(table, pool, T0),
  deleteWorker: (table) => deleteWorker(table, pool, 'w'),
  forgetPoolLines: (table) =>
    forgetPoolLines(table, { ...pool, push: false, silentWorkerMinutes: null, deletedAt: T0 }),
  updatePool: (table) => updatePool(table, pool, { silentWorkerMinutes: 5 }, { paused: true }, T0),
  createQueue: (table) => createQueue(table, pool, queue, limit, []),
  deleteQueue: (table) => deleteQueue(table, queue),
  updateQueue: (table) => updateQueue(table, queue, {}, { paused: true }, T0),
}

it.each(Object.entries({ ...SINGLE, ...TRANSACTIONS }))(
  '%s raises what it cannot tell the outcome of',
  async (name, act) => {
    const lost = answerLost(name)
    await expect(act(failing(lost))).rejects.toBe(lost)
  },
)

it.each(Object.entries(TRANSACTIONS))('%s raises a refusal that is no condition of its own', async (_name, act) => {
  const CancellationReasons = Array.from({ length: 10 }, () => ({ Code: 'ValidationError' }))
  const refusal = new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons })
  await expect(act(failing(refusal))).rejects.toThrow(TransactionRefused)
})
