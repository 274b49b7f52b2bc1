import type { Deps } from '#shared/deps.ts'
import type { EcsTask } from '#shared/ecs-task/ecs-task.ts'
import { deleteDeployment } from '#shared/engine/deployment/delete-deployment.ts'
import { updateDeployment } from '#shared/engine/deployment/save-deployment.ts'
import { dispatchPool } from '#shared/engine/dispatch/dispatch-pool.ts'
import { createFlowRun } from '#shared/engine/flow-run/create-flow-run.ts'
import { setState } from '#shared/engine/flow-run/set-state.ts'
import { sweep } from '#shared/engine/sweep/sweep.ts'
import { DomainError } from '#shared/errors.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { StateType } from '#shared/flow-run/state.ts'
import { createTaskEvents } from '../../../functions/task-events/handler.ts'
import { commandDeployment, createRuns, NO_DEADLINE, type PushPool, pushPool } from '../fixtures/fixtures.ts'
import { inspectRun } from '../inspect-run.ts'
import { sqsEvent, taskEventBody } from '../lambda-events.ts'
import type { Stage } from '../stage.ts'
import { answerLost } from './faulty-calls.ts'

/** An act of a process, to be cut short at each of its calls. */
export interface CrashFlow {
  name: string
  /** Prepares a new stage for the flow. */
  prepare(stage: Stage): Promise<Scene>
}

export interface Scene {
  act(deps: Deps): Promise<unknown>
  /** What the client does next: it repeats its request, in case the response was lost, and goes on from there. */
  goOn?(deps: Deps): Promise<unknown>
  /** How each run must end. */
  expected: StateType | ((run: FlowRun) => StateType)
  /** How many runs there must be in the end. */
  runs: number
}

const dispatch = (deps: Deps, { pool }: PushPool) => dispatchPool(deps, pool.id, NO_DEADLINE)
const hear = (deps: Deps, task: EcsTask) => createTaskEvents(deps)(sqsEvent([taskEventBody(task)]))

/** A pool whose deployment may have one run at a time. */
async function limitedPool(deps: Deps): Promise<PushPool> {
  const push = await pushPool(deps)
  const { pool, queueId } = push
  return { ...push, deployment: await commandDeployment(deps, { pool, queueId, name: 'limited', concurrencyLimit: 1 }) }
}

async function oneRun(deps: Deps, push: PushPool): Promise<FlowRun> {
  const [run] = await createRuns(deps, push.deployment, 1)
  if (!run) throw new Error('no run')
  return run
}

/** Lets ECS act, and takes its latest changes, which the service has not received yet and may never receive. */
function lastNews({ ecs }: Stage): EcsTask {
  ecs.pass()
  const news = ecs.takeNews().at(-1)
  if (!news) throw new Error('no news')
  return news
}

/** Dispatches in a process that gets no response from ECS, whether a task was started or not. */
async function dispatchUnanswered({ deps, ecs }: Stage, push: PushPool, started: boolean): Promise<void> {
  const run: Deps['tasks']['run'] = async (request) => {
    if (started) await ecs.run(request)
    throw answerLost('tasks run')
  }
  const tasks: Deps['tasks'] = {
    run,
    stop: (taskArn, reason) => ecs.stop(taskArn, reason),
    describe: (taskArns) => ecs.describe(taskArns),
    listStartedBy: (startedBy) => ecs.listStartedBy(startedBy),
  }
  await dispatch({ ...deps, tasks }, push)
  ecs.takeNews()
}

/** A run whose ECS task is RUNNING, as recorded by the service. */
async function runningRun(stage: Stage, push: PushPool): Promise<FlowRun> {
  const run = await oneRun(stage.deps, push)
  await dispatch(stage.deps, push)
  await hear(stage.deps, lastNews(stage))
  return run
}

const create: CrashFlow = {
  name: 'create',
  async prepare({ deps }) {
    const { deployment } = await pushPool(deps)
    const details = { idempotencyKey: 'nightly', parameters: { text: 'long enough to be kept apart '.repeat(20) } }
    const act = (by: Deps) => createFlowRun(by, { flowId: deployment.flowId, deploymentId: deployment.id, details })
    return { act, goOn: act, expected: 'COMPLETED', runs: 1 }
  },
}

const dispatchSome: CrashFlow = {
  name: 'claim and launch',
  async prepare({ deps }) {
    const push = await pushPool(deps, { queueLimit: 2 })
    await createRuns(deps, push.deployment, 3)
    return { act: (by) => dispatch(by, push), expected: 'COMPLETED', runs: 3 }
  },
}

/** The repair of a launch can be cut short just like the launch. */
const record = (started: boolean): CrashFlow => ({
  name: started ? 'record an ECS task whose launch got no response' : 'repeat a lost launch',
  async prepare(stage) {
    const push = await pushPool(stage.deps)
    const run = await oneRun(stage.deps, push)
    await dispatchUnanswered(stage, push, started)
    stage.world.clock.pass(70)
    return { act: (by) => inspectRun(by, run.id), expected: 'COMPLETED', runs: 1 }
  },
})

const taskRunning: CrashFlow = {
  name: 'task event RUNNING',
  async prepare(stage) {
    const push = await pushPool(stage.deps)
    stage.ecs.script = () => ({ runsForSeconds: 30 })
    await oneRun(stage.deps, push)
    await dispatch(stage.deps, push)
    const news = lastNews(stage)
    return { act: (by) => hear(by, news), expected: 'COMPLETED', runs: 1 }
  },
}

const taskStopped: CrashFlow = {
  name: 'task event STOPPED, with a run parked behind it',
  async prepare(stage) {
    const push = await limitedPool(stage.deps)
    await createRuns(stage.deps, push.deployment, 2)
    await dispatch(stage.deps, push)
    const news = lastNews(stage)
    return { act: (by) => hear(by, news), expected: 'COMPLETED', runs: 2 }
  },
}

const workerClaims: CrashFlow = {
  name: 'claim by a worker',
  async prepare({ deps }) {
    const { deployment } = await pushPool(deps)
    const [run] = await createRuns(deps, deployment, 1)
    if (!run) throw new Error('no run')
    const act = (by: Deps) => setState(by, run.id, { type: 'PENDING', details: { transitionId: 'one' } })
    const goOn = async (by: Deps) => {
      const { verdict } = await act(by)
      if (verdict.status === 'ABORT') throw new Error(`the worker would skip its own run: ${verdict.reason}`)
      await setState(by, run.id, { type: 'RUNNING' })
      await setState(by, run.id, { type: 'COMPLETED' })
    }
    return { act, goOn, expected: 'COMPLETED', runs: 1 }
  },
}

const release: CrashFlow = {
  name: 'release by a worker, with a run parked behind it',
  async prepare({ deps }) {
    const push = await limitedPool(deps)
    const run = await oneRun(deps, push)
    await setState(deps, run.id, { type: 'PENDING' })
    await setState(deps, run.id, { type: 'RUNNING' })
    await oneRun(deps, push)
    await dispatch(deps, push)
    const act = (by: Deps) => setState(by, run.id, { type: 'COMPLETED', details: { transitionId: 'end' } })
    return { act, goOn: act, expected: 'COMPLETED', runs: 2 }
  },
}

const cancelOf = (run: FlowRun) => (by: Deps) =>
  setState(by, run.id, { type: 'CANCELLING', message: 'Enough.', details: { transitionId: 'cancel' } })

const cancelUnlaunched = (started: boolean): CrashFlow => ({
  name: started ? 'cancel a PENDING run whose ECS task is still unknown' : 'cancel a PENDING run without an ECS task',
  async prepare(stage) {
    const push = await pushPool(stage.deps)
    stage.ecs.script = () => ({ runsForSeconds: null })
    const run = await oneRun(stage.deps, push)
    await dispatchUnanswered(stage, push, started)
    return { act: cancelOf(run), goOn: cancelOf(run), expected: 'CANCELLED', runs: 1 }
  },
})

const cancelLaunched: CrashFlow = {
  name: 'cancel a PENDING run with an ECS task',
  async prepare(stage) {
    const push = await pushPool(stage.deps)
    stage.ecs.script = () => ({ startsAfterSeconds: null })
    const run = await oneRun(stage.deps, push)
    await dispatch(stage.deps, push)
    return { act: cancelOf(run), goOn: cancelOf(run), expected: 'CANCELLED', runs: 1 }
  },
}

const cancelRunning: CrashFlow = {
  name: 'cancel a RUNNING run',
  async prepare(stage) {
    const push = await pushPool(stage.deps)
    stage.ecs.script = () => ({ runsForSeconds: null })
    const run = await runningRun(stage, push)
    return { act: cancelOf(run), goOn: cancelOf(run), expected: 'CANCELLED', runs: 1 }
  },
}

const requeue: CrashFlow = {
  name: 'requeue after ECS had no capacity',
  async prepare({ deps, ecs, world }) {
    const push = await pushPool(deps)
    await createRuns(deps, push.deployment, 2)
    const refusedUntil = world.clock.now() + 10_000_000
    const refused = { kind: 'refused' as const, reasons: [{ reason: 'RESOURCE:CPU', detail: null }] }
    ecs.refuse = () => (world.clock.now() < refusedUntil ? refused : undefined)
    return { act: (by) => dispatch(by, push), expected: 'COMPLETED', runs: 2 }
  },
}

const park: CrashFlow = {
  name: 'park runs under a deployment limit',
  async prepare({ deps }) {
    const push = await limitedPool(deps)
    await createRuns(deps, push.deployment, 2)
    return { act: (by) => dispatch(by, push), expected: 'COMPLETED', runs: 2 }
  },
}

const timeLimit: CrashFlow = {
  name: 'stop at the time limit',
  async prepare(stage) {
    const push = await pushPool(stage.deps, { jobVariables: { command: ['sleep', '100'], timeout_seconds: 5 } })
    stage.ecs.script = () => ({ runsForSeconds: null })
    await runningRun(stage, push)
    stage.world.clock.pass(6)
    return { act: (by) => dispatch(by, push), expected: 'FAILED', runs: 1 }
  },
}

const startTimeout: CrashFlow = {
  name: 'stop an ECS task that never starts',
  async prepare(stage) {
    const push = await pushPool(stage.deps)
    stage.ecs.script = () => ({ startsAfterSeconds: null })
    await oneRun(stage.deps, push)
    await dispatch(stage.deps, push)
    stage.world.clock.pass(15 * 60 + 1)
    return { act: (by) => dispatch(by, push), expected: 'CRASHED', runs: 1 }
  },
}

const sweepAll: CrashFlow = {
  name: 'sweep over a lost launch, a lost cancel and a lost wake-up',
  async prepare(stage) {
    const { deps, world } = stage
    const push = await limitedPool(deps)
    const free = await commandDeployment(deps, { pool: push.pool, queueId: push.queueId, name: 'free' })
    const [cancelled] = await createRuns(deps, free, 2)
    if (!cancelled) throw new Error('no run')
    await dispatchUnanswered(stage, push, false)
    await cancelOf(cancelled)(deps)
    await createRuns(deps, push.deployment, 2)
    await dispatch(deps, push)
    await hear(deps, lastNews(stage))
    world.sent.splice(0)
    world.clock.pass(70)
    return { act: (by) => sweep(by), expected: ({ id }) => (id === cancelled.id ? 'CANCELLED' : 'COMPLETED'), runs: 4 }
  },
}

const introduceLimit: CrashFlow = {
  name: 'introduce a limit on a deployment in use',
  async prepare(stage) {
    const { deps, ecs } = stage
    const push = await pushPool(deps)
    ecs.script = () => ({ runsForSeconds: 100 })
    await createRuns(deps, push.deployment, 2)
    await dispatch(deps, push)
    await createRuns(deps, push.deployment, 1)
    const act = (by: Deps) => updateDeployment(by, push.deployment.id, { concurrencyLimit: 1 })
    return { act, goOn: act, expected: 'COMPLETED', runs: 3 }
  },
}

const deleteOwningDeployment: CrashFlow = {
  name: 'delete a deployment with held, parked and waiting runs',
  async prepare({ deps, ecs }) {
    const push = await limitedPool(deps)
    ecs.script = () => ({ runsForSeconds: 30 })
    const held = await oneRun(deps, push)
    await createRuns(deps, push.deployment, 2)
    await dispatch(deps, push)
    await createRuns(deps, push.deployment, 1)
    // Drained before it is deleted: no ending run makes room for the parked ones.
    await updateDeployment(deps, push.deployment.id, { concurrencyLimit: 0 })
    const act = (by: Deps) => deleteDeployment(by, push.deployment.id)
    const goOn = (by: Deps) => act(by).catch((error: unknown) => expectGone(error))
    return { act, goOn, expected: ({ id }) => (id === held.id ? 'COMPLETED' : 'CANCELLED'), runs: 4 }
  },
}

function expectGone(error: unknown): void {
  if (!(error instanceof DomainError) || error.code !== 'not_found') throw error
}

export const CRASH_FLOWS: readonly CrashFlow[] = [
  create,
  dispatchSome,
  record(true),
  record(false),
  taskRunning,
  taskStopped,
  workerClaims,
  release,
  cancelUnlaunched(true),
  cancelUnlaunched(false),
  cancelLaunched,
  cancelRunning,
  requeue,
  park,
  timeLimit,
  startTimeout,
  sweepAll,
  introduceLimit,
  deleteOwningDeployment,
]
