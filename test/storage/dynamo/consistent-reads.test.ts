import { afterAll, beforeAll, expect, it } from 'vitest'
import { getApiKey } from '#shared/storage/api-key/get-api-key.ts'
import { getArtifact } from '#shared/storage/artifact/get-artifact.ts'
import { getBlockDocument, getBlockDocuments } from '#shared/storage/block/get-block-document.ts'
import { listDeletions } from '#shared/storage/deletion/list-deletions.ts'
import { getStoredDeployment } from '#shared/storage/deployment/get-deployment.ts'
import { listDeployments } from '#shared/storage/deployment/list-deployments.ts'
import type { Table } from '#shared/storage/dynamo/table.ts'
import { getFlow } from '#shared/storage/flow/get-flow.ts'
import { deleteRunInputs } from '#shared/storage/flow-run/delete-run-inputs.ts'
import { getLives } from '#shared/storage/flow-run/get-lives.ts'
import { getRun, getRuns } from '#shared/storage/flow-run/get-run.ts'
import { getRunCores, getSizedRuns } from '#shared/storage/flow-run/get-sized-runs.ts'
import { getRunInput, listRunInputs } from '#shared/storage/flow-run/list-run-inputs.ts'
import { getGlobalLimits } from '#shared/storage/limit/get-global-limits.ts'
import { getLease } from '#shared/storage/limit/get-leases.ts'
import { getLimitLife } from '#shared/storage/limit/get-limit-life.ts'
import { getLimits } from '#shared/storage/limit/get-limits.ts'
import { listRoomHints } from '#shared/storage/limit/room-hints.ts'
import { isWaitingPool, listWaitingPools } from '#shared/storage/limit/waiting-pools.ts'
import { deleteLogs } from '#shared/storage/log/delete-logs.ts'
import { listLogs } from '#shared/storage/log/list-logs.ts'
import { getUptime } from '#shared/storage/service/get-uptime.ts'
import { getTaskDefinition } from '#shared/storage/task-definition/get-task-definition.ts'
import { getTaskRun, getTaskRuns } from '#shared/storage/task-run/get-task-run.ts'
import { getVariable, getVariables } from '#shared/storage/variable/get-variable.ts'
import { deletePool } from '#shared/storage/work-pool/delete-pool.ts'
import { getPlace } from '#shared/storage/work-pool/get-place.ts'
import { getPool } from '#shared/storage/work-pool/get-pool.ts'
import { getPoolLines, listPoolLines } from '#shared/storage/work-pool/list-pool-lines.ts'
import { listPools } from '#shared/storage/work-pool/list-pools.ts'
import { getPoolPoll } from '#shared/storage/work-pool/record-poll.ts'
import { getQueue, getQueueByName, getQueueNamed } from '#shared/storage/work-queue/get-queue.ts'
import { listQueues } from '#shared/storage/work-queue/list-queues.ts'
import { collect } from '../../support/collect.ts'
import { withInterceptor } from '../../support/faults/faulty-calls.ts'
import { openWorld, type World } from '../../support/world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

interface ReadInput {
  ConsistentRead?: boolean
  RequestItems?: Record<string, { ConsistentRead?: boolean }>
}

/** Whether the reads of an act are consistent, each. */
async function consistencyOf(act: (table: Table) => Promise<unknown>): Promise<boolean[]> {
  const reads: boolean[] = []
  const { table } = withInterceptor(world, async ({ name, input }, go) => {
    if (/Get|Query/.test(name)) {
      const { ConsistentRead, RequestItems } = input as ReadInput
      const each = RequestItems ? Object.values(RequestItems) : [{ ConsistentRead }]
      reads.push(...each.map((request) => request.ConsistentRead === true))
    }
    return await go()
  })
  await act(table)
  return reads
}

const run = { id: 'r', life: 'l' }
const UUID = '0198a1b2-c3d4-7e5f-8a9b-0c1d2e3f0000'

/** What a write is decided on, or what a client must find that it has just written. */
const DECIDING: Record<string, (table: Table) => Promise<unknown>> = {
  'an API key': (table) => getApiKey(table, 'k'),
  'an artifact': (table) => getArtifact(table, 'a'),
  'a block document': (table) => getBlockDocument(table, 'b'),
  'block documents': (table) => getBlockDocuments(table, [UUID]),
  'a deployment': (table) => getStoredDeployment(table, 'd'),
  deployments: (table) => listDeployments(table),
  'a flow': (table) => getFlow(table, 'f'),
  'a run': (table) => getRun(table, 'r'),
  runs: (table) => getRuns(table, ['r']),
  'runs of any size': (table) => collect(getSizedRuns(table, ['r'])),
  'runs without details': (table) => getRunCores(table, ['r']),
  'lives of runs': (table) => getLives(table, ['r']),
  'an input': (table) => getRunInput(table, run, 'k'),
  inputs: (table) => listRunInputs(table, { run, prefix: '', limit: 1, exclude: [] }),
  'inputs to remove': (table) => deleteRunInputs(table, run),
  limits: (table) => getLimits(table, ['pool#p']),
  'the life of a limit': (table) => getLimitLife(table, 'pool#p'),
  'global limits': (table) => getGlobalLimits(table, ['l']),
  'a lease': (table) => getLease(table, 'l'),
  'whether runs wait in a pool': (table) => isWaitingPool(table, 'p'),
  'logs to remove': (table) => deleteLogs(table, run),
  uptime: (table) => getUptime(table),
  'a task definition': (table) => getTaskDefinition(table, 'h'),
  'a task run': (table) => getTaskRun(table, 't'),
  'task runs': (table) => getTaskRuns(table, ['t']),
  'a variable': (table) => getVariable(table, 'v'),
  variables: (table) => getVariables(table, ['v']),
  'what belongs to a pool': (table) => deletePool(table, { id: 'p', life: 'l' }, 0),
  'a place': (table) => getPlace(table, 'p', 'q'),
  'a pool': (table) => getPool(table, 'p'),
  "a pool's lines": (table) => getPoolLines(table, 'p'),
  "all pools' lines": (table) => listPoolLines(table),
  pools: (table) => listPools(table),
  'a queue': (table) => getQueue(table, 'p', 'q'),
  'a queue of any pool': (table) => getQueueByName(table, 'q'),
  'a queue by name': (table) => getQueueNamed(table, 'p', 'q'),
  queues: (table) => listQueues(table, 'p'),
}

it.each(Object.entries(DECIDING))('%s: read consistently', async (_what, act) => {
  const reads = await consistencyOf(act)
  expect(reads.length).toBeGreaterThan(0)
  expect(reads.every(Boolean)).toBe(true)
})

/** What is a hint, or looked at again soon. */
const HINTS: Record<string, (table: Table) => Promise<unknown>> = {
  'deployments to list': (table) => listDeployments(table, false),
  'deletions that are due': (table) => listDeletions(table, 1, () => true),
  'limits to show': (table) => getLimits(table, ['pool#p'], false),
  'hints of room': (table) => listRoomHints(table, 'p', 0, 1),
  'pools in which runs wait': (table) => listWaitingPools(table),
  logs: (table) => collect(listLogs(table, { run, descending: false })),
  'uptime to look at': (table) => getUptime(table, false),
  "pools' lines to go through": (table) => listPoolLines(table, false),
  'pools to list': (table) => listPools(table, false),
  'the last poll of a pool': (table) => getPoolPoll(table, 'p'),
}

it.each(Object.entries(HINTS))('%s: read at half the price', async (_what, act) => {
  const reads = await consistencyOf(act)
  expect(reads.length).toBeGreaterThan(0)
  expect(reads.some(Boolean)).toBe(false)
})
