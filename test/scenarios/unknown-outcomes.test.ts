import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Deployment } from '#shared/deployment/deployment.ts'
import type { Deps } from '#shared/deps.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { holdsSlots } from '#shared/flow-run/state.ts'
import { createDispatcher } from '../../functions/dispatcher/handler.ts'
import { createSweeper } from '../../functions/sweeper/handler.ts'
import { createTaskEvents } from '../../functions/task-events/handler.ts'
import { type DynamoDbEngine, startDynoxide } from '../../local/engine/dynoxide.ts'
import { type Chaos, chaotic, HARSH } from '../support/faults/chaos.ts'
import { commandDeployment, pushPool, readRun } from '../support/fixtures/fixtures.ts'
import { doubleLaunches, ledgerProblems, orphanTasks, type Snapshot, takeSnapshot } from '../support/invariants.ts'
import { sqsEvent, taskEventBody, tickEvent } from '../support/lambda-events.ts'
import { seeds } from '../support/seeds.ts'
import { openStage, passAndTick, type Stage, settle } from '../support/stage.ts'

const RUNS = 30
const STEPS = 12
const STEP_SECONDS = 40
/** Once the faults are over: what a tick can repair, what only an expired lease shows, and what waits behind that. */
const QUIET_SECONDS = [70, 16 * 60, 120]
const TRIES_MAX = 40

let engine: DynamoDbEngine
beforeAll(async () => {
  engine = await startDynoxide()
})
afterAll(() => engine.stop())

const injected = new Map<string, number>()
let loads = 0
afterAll(() => {
  const kinds = [...injected].map(([kind, n]) => `${n} ${kind}`).join(', ')
  console.log(`${loads} loads of ${RUNS} runs each went through; faults injected: ${kinds}`)
})

it.each(seeds(5))('seed %i: all runs end as they should although calls fail, time out and conflict', async (seed) => {
  const stage = await openStage(engine, seed)
  const chaos = chaotic(stage.deps, () => stage.world.ids.random(), HARSH)
  const load = await openLoad(stage)
  const problems: string[] = []
  for (let step = 0; step < STEPS; step += 1) {
    await takeStep(stage, chaos.deps, load)
    const snapshot = await takeSnapshot(stage.deps.table)
    problems.push(...[...ledgerProblems(snapshot), ...overLimit(snapshot)].map((problem) => `step ${step}: ${problem}`))
  }
  stage.ecs.script = () => ({})
  for (const seconds of QUIET_SECONDS) {
    await passAndTick(stage, seconds)
    await settle(stage)
  }
  const snapshot = await takeSnapshot(stage.deps.table)
  problems.push(...ledgerProblems(snapshot), ...doubleLaunches(stage.ecs), ...orphanTasks(snapshot, stage.ecs))
  problems.push(...snapshot.runs.flatMap((run) => unexpectedEnd(run, load)))
  stage.close()
  tally(chaos)
  expect(problems).toEqual([])
  expect(snapshot.runs).toHaveLength(RUNS)
})

/** The clients' requests, and those answered. */
interface Load {
  deployments: Deployment[]
  created: FlowRun[]
  cancelled: Set<string>
  byWorker: Set<string>
  /** Events not yet processed: SQS redelivers them. */
  events: string[]
}

async function openLoad({ deps, ecs }: Stage): Promise<Load> {
  const { pool, queueId, deployment } = await pushPool(deps, { queueLimit: 5 })
  const limited = await commandDeployment(deps, { pool, queueId, name: 'limited', concurrencyLimit: 2 })
  ecs.script = ({ name }) => ({ startsAfterSeconds: 5, runsForSeconds: name.length * 4 })
  return { deployments: [deployment, limited], created: [], cancelled: new Set(), byWorker: new Set(), events: [] }
}

/** Everything happens at once: clients, a worker, two dispatchers, the sweeper, and ECS with its events. */
async function takeStep({ world, ecs, deps }: Stage, faulty: Deps, load: Load): Promise<void> {
  const random = () => world.ids.random()
  world.clock.pass(STEP_SECONDS)
  ecs.pass()
  load.events.push(...ecs.takeNews().map(taskEventBody))
  world.sent.splice(0)
  const tick = tickEvent(world.clock.now())
  const missing = Math.min(RUNS - load.created.length, Math.ceil(RUNS / (STEPS - 4)))
  const victim = pick(load.created, random)
  await Promise.all([
    ...Array.from({ length: Math.max(0, missing) }, () => createSurely(faulty, load, random)),
    victim && cancelSurely(faulty, load, victim),
    workOne(faulty, deps, load),
    // A tick that fails is over; the next one is another.
    createDispatcher(faulty)(tick).catch(() => undefined),
    createDispatcher(faulty)(tick).catch(() => undefined),
    createSweeper(faulty)(tick).catch(() => undefined),
    deliver(faulty, load),
  ])
}

/** A client retries under the same key until it gets a response. */
async function createSurely(deps: Deps, load: Load, random: () => number): Promise<void> {
  const deployment = pick(load.deployments, random)
  if (!deployment) throw new Error('no deployment')
  const details = { idempotencyKey: `order-${random()}` }
  const { run } = await insist(() =>
    createFlowRun(deps, { flowId: deployment.flowId, deploymentId: deployment.id, details }),
  )
  load.created.push(run)
}

async function cancelSurely(deps: Deps, load: Load, { id }: FlowRun): Promise<void> {
  if (load.byWorker.has(id)) return
  load.cancelled.add(id)
  await insist(() => setState(deps, id, { type: 'CANCELLING', details: { transitionId: `cancel-${id}` } }))
}

/** A Prefect worker takes a run now and then, and reports on it until each report is acknowledged. */
async function workOne(faulty: Deps, deps: Deps, load: Load): Promise<void> {
  const run = load.created.find(({ id }) => !load.cancelled.has(id) && !load.byWorker.has(id))
  if (!run) return
  load.byWorker.add(run.id)
  const report = (type: 'PENDING' | 'RUNNING' | 'COMPLETED') =>
    insist(() => setState(faulty, run.id, { type, details: { transitionId: `${type}-${run.id}` } }))
  const { verdict } = await report('PENDING')
  if (verdict.status !== 'ACCEPT' && verdict.status !== 'REJECT') return
  // A worker goes by the state in the response; here, the claim says the same.
  if (verdict.state.type !== 'PENDING' || (await readRun(deps, run.id)).claim?.by.kind !== 'client') return
  await report('RUNNING')
  await report('COMPLETED')
}

async function deliver(deps: Deps, load: Load): Promise<void> {
  const event = sqsEvent(load.events)
  const { batchItemFailures } = await createTaskEvents(deps)(event)
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
  load.events = event.Records.filter(({ messageId }) => failed.has(messageId)).map(({ body }) => body)
}

async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask()
    } catch (error) {
      if (tried === TRIES_MAX) throw error
    }
  }
}

function overLimit({ runs, limits }: Snapshot): string[] {
  const held = runs.filter((run) => holdsSlots(run.state.type)).length
  const over = limits.filter(({ limit, active }) => limit !== null && active > limit)
  return over.map(({ key, limit, active }) => `${key} has ${active} of ${limit} (${held} runs are held)`)
}

/** Every ECS task exits with 0, so a run that was not cancelled must be COMPLETED: no fault may look like a crash. */
function unexpectedEnd({ id, state }: FlowRun, { cancelled }: Load): string[] {
  const allowed = cancelled.has(id) ? ['COMPLETED', 'CANCELLED'] : ['COMPLETED']
  return allowed.includes(state.type) ? [] : [`run ${id} is ${state.name}: ${state.message}`]
}

function pick<T>(items: readonly T[], random: () => number): T | undefined {
  return items[Math.floor(random() * items.length)]
}

function tally({ injected: counts }: Chaos): void {
  loads += 1
  for (const [kind, n] of Object.entries(counts)) injected.set(kind, (injected.get(kind) ?? 0) + n)
}
