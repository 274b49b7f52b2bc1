import { LAUNCH_GRACE_SECONDS, LAUNCH_WINDOW_SECONDS, TICK_SECONDS } from '#shared/bounds.ts'
import { isHandOut, parseStartedBy } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { interrupt, type TableCall } from './interrupt.ts'
import { create, deploy, openPlace, proposed, storedRun } from './place.ts'

/** The same key gives a run that is created again the same id. */
const KEY = 'staged'
/** A lost launch is looked for by every second sweep. */
const LOST_SWEEPS = Math.ceil(LAUNCH_GRACE_SECONDS / TICK_SECONDS) + 3
/** ECS shows a new task after some seconds. */
const SHOWN_AFTER_SECONDS = 5

/** What others may do; the ids of a run and its deployment are given. */
type Act = (fork: Fork, id: string, deployment: string) => Promise<unknown>

const end: Act = async (fork, id) => await proposed(fork, id, 'CRASHED', true)

const remove: Act = async (fork, id, deployment) => {
  await end(fork, id, deployment)
  await fork.call('deleteFlowRun', { id })
}

/** What has the launch of a flow that was claimed not be made at all. */
const BEFORE: Record<string, Act> = {
  'was cancelled': (fork, id) => proposed(fork, id, 'CANCELLING'),
  'was ended': end,
  'was deleted': remove,
  'was left for a while': async (fork) => fork.pass(LAUNCH_WINDOW_SECONDS + 1),
}

/** What has a task that is being started belong to nobody, or be stopped. */
const MEANWHILE: Record<string, Act> = {
  'was cancelled': (fork, id) => proposed(fork, id, 'CANCELLING'),
  'was ended': end,
  'was deleted': remove,
  'was deleted and created again': async (fork, id, deployment) => {
    await remove(fork, id, deployment)
    await create(fork, deployment, { idempotency_key: KEY })
    await fork.tick()
  },
  'was handed out once more': async (fork, id) => {
    await proposed(fork, id, 'SCHEDULED', true)
    await fork.tick()
  },
}

/** Has something happen to a run between its claim and its launch: nothing is started for it. */
export async function beforeLaunch(fork: Fork, chance: Chance): Promise<string[]> {
  const { id, deployment } = await waiting(fork, chance)
  const did = chance.pick(Object.keys(BEFORE)) ?? ''
  const isClaim = ({ command, input }: TableCall) => command === 'TransactWriteItemsCommand' && input.includes(id)
  interrupt(fork, 'after', isClaim, async () => await BEFORE[did]?.(fork, id, deployment))
  await fork.tick()
  return tasksOf(fork, id).length > 0 ? [`run ${id} ${did} before its launch, and a task was started`] : []
}

/** Has something happen to a run while its task is being started: the task is the run's, or is stopped. */
export async function duringLaunch(fork: Fork, chance: Chance): Promise<string[]> {
  const { id, deployment } = await waiting(fork, chance)
  const did = chance.pick(Object.keys(MEANWHILE)) ?? ''
  const { ecs } = fork
  const run = ecs.run.bind(ecs)
  ecs.run = async (request) => {
    const outcome = await run(request)
    if (request.runId !== id) return outcome
    ecs.run = () => Promise.reject(new Error('no answer'))
    await MEANWHILE[did]?.(fork, id, deployment)
    return outcome
  }
  await fork.tick()
  await fork.deliver()
  const [task] = tasksOf(fork, id)
  if (!task) return [`run ${id} was not launched by a tick`]
  const now = storedRun(fork, id)
  const isOn = now?.launch?.taskArn === task.news.taskArn && belongs(task.news, now) && now.state.type === 'PENDING'
  return isOn || task.stopAskedAt !== null ? [] : [`run ${id} ${did} during its launch, and its task runs on`]
}

/** Has a launch be lost, before or after ECS has heard of it: it is made in the end, and once. */
export async function lostLaunch(fork: Fork, chance: Chance): Promise<string[]> {
  const { id } = await waiting(fork, chance)
  const { ecs } = fork
  const heard = chance.hits(0.5)
  ecs.visibleAfterSeconds = SHOWN_AFTER_SECONDS
  const run = ecs.run.bind(ecs)
  ecs.run = async (request) => {
    if (request.runId !== id) return await run(request)
    if (heard) await run(request)
    throw new Error('no answer')
  }
  await fork.tick()
  ecs.run = run
  for (let sweeps = 0; sweeps < LOST_SWEEPS; sweeps += 1) {
    fork.pass(TICK_SECONDS)
    await fork.sweep()
    await fork.deliver()
  }
  const [now, tasks] = [storedRun(fork, id), tasksOf(fork, id)]
  const isLaunched = now?.generation === 1 && now.launch?.taskArn === tasks[0]?.news.taskArn
  return isLaunched && tasks.length === 1
    ? []
    : [`run ${id} is ${now?.state.name}, with ${tasks.length} tasks, ${LOST_SWEEPS} sweeps after its launch was lost`]
}

async function waiting(fork: Fork, chance: Chance): Promise<{ id: string; deployment: string }> {
  const place = await openPlace(fork, chance, true)
  const deployment = await deploy(fork, place, { job_variables: {}, entrypoint: 'flow.py:main' })
  return { id: await create(fork, deployment, { idempotency_key: KEY }), deployment }
}

function tasksOf({ ecs }: Fork, id: string) {
  return ecs.started.filter(({ request }) => request.runId === id)
}

function belongs({ startedBy }: { startedBy: string | null }, run: FlowRun): boolean {
  const handOut = parseStartedBy(startedBy)
  return handOut !== undefined && isHandOut(run, handOut)
}
