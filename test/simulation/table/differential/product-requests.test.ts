import { expect, it } from 'vitest'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { updateWorkQueue } from '#shared/engine/work-pool/update-work-queue.ts'
import { getQueue } from '#shared/storage/work-queue/get-queue.ts'
import { commandDeployment, pushPool } from '../../../support/fixtures/fixtures.ts'
import { openMemoryStage, passAndTick, type Stage, settle } from '../../../support/stage.ts'
import { MemoryTable } from '../memory-table.ts'
import { engineTable } from './engine-table.ts'
import { outcomeOf } from './outcome.ts'
import { type Request, TABLE_NAME } from './request.ts'
import { engineContents, memoryContents } from './table-contents.ts'

/** A few minutes of the service: more runs than slots, a pause, a cancel, details too large for one item. */
async function live(stage: Stage): Promise<void> {
  const { deps, ecs } = stage
  ecs.script = () => ({ startsAfterSeconds: 1, runsForSeconds: 20, exitCode: 0 })
  const { pool, queueId, deployment } = await pushPool(deps, { queueLimit: 2 })
  const limited = await commandDeployment(deps, { pool, queueId, name: 'limited', concurrencyLimit: 1 })
  const runIds: string[] = []
  for (let n = 0; n < 6; n += 1) {
    const { id: deploymentId, flowId } = n % 2 === 0 ? deployment : limited
    const details = { parameters: n === 5 ? { text: 'x'.repeat(500_000) } : {} }
    const { run } = await createFlowRun(deps, { flowId, deploymentId, state: { type: 'SCHEDULED' }, details })
    runIds.push(run.id)
  }
  await settle(stage)
  const queue = await getQueue(deps.table, pool.id, queueId)
  if (!queue) throw new Error('no queue')
  await updateWorkQueue(deps, queue, {}, { paused: true })
  for (const id of runIds.slice(4)) await setState(deps, id, { type: 'CANCELLING' })
  await passAndTick(stage, 60)
  await settle(stage)
  await updateWorkQueue(deps, queue, {}, { paused: false })
  for (let n = 0; n < 4; n += 1) {
    await passAndTick(stage, 60)
    await settle(stage)
  }
}

/** What the service asks of its table in that time. */
async function recordedRequests(): Promise<Request[]> {
  const stage = await openMemoryStage(7, new MemoryTable(TABLE_NAME))
  const requests: Request[] = []
  stage.table.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        requests.push({ command: commandName, input: structuredClone(args.input) as Record<string, unknown> })
        return next(args)
      },
    { step: 'initialize', name: 'record' },
  )
  await live(stage)
  expect(stage.ecs.started.length).toBeGreaterThan(3)
  return requests
}

const engine = engineTable()

it('answers all that the service asks in some minutes as the engine does', async () => {
  const requests = await recordedRequests()
  expect(requests.length).toBeGreaterThan(100)
  await engine.use(async (table) => {
    const memory = new MemoryTable(TABLE_NAME)
    for (const request of requests) {
      const expected = await outcomeOf(table, request)
      expect({ request, outcome: await outcomeOf(memory, request) }).toEqual({ request, outcome: expected })
    }
    expect(memoryContents(memory)).toEqual(await engineContents(table))
  })
})
