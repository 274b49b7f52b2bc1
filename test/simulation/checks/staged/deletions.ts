import { TICK_SECONDS } from '#shared/bounds.ts'
import { isTerminal } from '#shared/flow-run/state.ts'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { momentOf } from '../starts.ts'
import { interrupt } from './interrupt.ts'
import { create, deploy, openPlace, type Place, proposed, storedRun } from './place.ts'

const QUEUE = 'staged'
/** A delete writes more often, but what it may do to another life it does in these. */
const WRITES_MAX = 4
/** What no index showed is looked for once more after six minutes, and queues that are gone every five ticks. */
const STRAY_SWEEPS = 20
/** Runs that are due as late as this wait in a line of their own. */
const LATER_SECONDS = 24 * 3_600

type Kind = 'pool' | 'queue' | 'deployment'

/** What is deleted and created again under its name. */
interface Target {
  place: Place
  deployment: string
}

const DELETE: Record<Kind, (fork: Fork, target: Target) => Promise<unknown>> = {
  pool: (fork, { place }) => fork.call('deleteWorkPool', { name: place.pool }),
  queue: (fork, { place }) => fork.call('deleteWorkQueue', { pool: place.pool, queue: QUEUE }),
  deployment: (fork, { deployment }) => fork.call('deleteDeployment', { id: deployment }),
}

/** Has a place deleted and created again while an earlier delete of it is under way: its next life, and its runs, stay. */
export async function lateDelete(fork: Fork, chance: Chance): Promise<string[]> {
  const kind = chance.pick(Object.keys(DELETE) as Kind[]) ?? 'queue'
  const place = await openPlace(fork, chance, false)
  const target = { place, deployment: await deployIn(fork, place) }
  await create(fork, target.deployment)
  let again: string | undefined
  let writes = chance.whole(1, WRITES_MAX)
  const isIt = ({ isWrite }: { isWrite: boolean }) => isWrite && (writes -= 1) === 0
  interrupt(fork, 'before', isIt, async () => {
    await DELETE[kind](fork, target)
    if (kind === 'pool') await openPlace(fork, chance, false)
    again = await create(fork, await deployIn(fork, place))
  })
  await DELETE[kind](fork, target)
  await sweep(fork, STRAY_SWEEPS)
  if (again === undefined) return []
  const run = storedRun(fork, again)
  const { places } = momentOf(fork)
  return [
    ...(run?.state.type === 'SCHEDULED'
      ? []
      : [`run ${again} is ${run?.state.name}, as a late delete met the next life of its ${kind}`]),
    ...(run && !places.queues.has(run.queueId ?? '')
      ? [`the ${kind} of run ${again} was deleted by a late delete`]
      : []),
    ...(run && !places.deployments.has(run.deploymentId ?? '')
      ? [`the deployment of run ${again} was deleted late`]
      : []),
  ]
}

/** Has a run come to a queue as that is deleted, unseen: it is cancelled, unless the queue is there again by then. */
export async function stray(fork: Fork, chance: Chance): Promise<string[]> {
  const place = await openPlace(fork, chance, false)
  const deployment = await deployIn(fork, place)
  fork.table.holdsBack = () => true
  const due = formatInstant(addSeconds(fork.clock.at, LATER_SECONDS))
  const later = { state: { type: 'SCHEDULED' as const, state_details: { scheduled_time: due } } }
  const id = await create(fork, deployment, chance.of('later').hits(0.5) ? later : {})
  await DELETE.queue(fork, { place, deployment })
  fork.table.holdsBack = () => false
  const again = chance.hits(0.5)
  const isIts = ({ isWrite, input }: { isWrite: boolean; input: string }) => isWrite && input.includes(`run#${id}`)
  if (again) interrupt(fork, 'before', isIts, () => fork.call('createWorkQueue', { pool: place.pool }, { name: QUEUE }))
  await sweep(fork, STRAY_SWEEPS / 2)
  fork.table.catchUp()
  await sweep(fork, STRAY_SWEEPS / 2)
  const run = storedRun(fork, id)
  if (again)
    return run?.state.type === 'SCHEDULED' ? [] : [`run ${id} is ${run?.state.name}, and its queue was created again`]
  return !run || isTerminal(run.state.type) ? [] : [`run ${id} is ${run.state.name} in a queue that is gone`]
}

/** Has the process die that deletes something, once that is marked: nothing is started there any more, and soon it is gone. */
export async function halfDeleted(fork: Fork, chance: Chance): Promise<string[]> {
  const kind = chance.pick(Object.keys(DELETE) as Kind[]) ?? 'queue'
  const push = chance.hits(0.5)
  const place = await openPlace(fork, chance, push)
  const deployment = await deployIn(fork, place)
  const id = await create(fork, deployment)
  const there = placesNow(fork)
  let writes = 0
  const isLater = ({ isWrite }: { isWrite: boolean }) => isWrite && (writes += 1) > 1
  interrupt(fork, 'before', isLater, () => Promise.reject(new Error('the process died')))
  await DELETE[kind](fork, { place, deployment })
  const later = fork.fork()
  if (push) await later.tick()
  else await proposed(later, id, 'PENDING')
  const started = later.ecs.started.some(({ request }) => request.runId === id)
  const run = storedRun(later, id)
  if (run?.claim || started) return [`run ${id} is ${run?.state.name}, and its ${kind} is being deleted`]
  await sweep(later, STRAY_SWEEPS)
  const left = placesNow(later)
  const gone = {
    pool: left.pools < there.pools,
    queue: left.queues < there.queues,
    deployment: !left.ids.has(deployment),
  }
  return gone[kind] ? [] : [`the delete of a ${kind} was cut short, and is not finished after ${STRAY_SWEEPS} sweeps`]
}

function placesNow(fork: Fork) {
  const { places, picture } = momentOf(fork)
  return { pools: places.pools.size, queues: places.queues.size, ids: picture.caps }
}

async function deployIn(fork: Fork, place: Place): Promise<string> {
  return await deploy(fork, place, { work_queue_name: QUEUE })
}

async function sweep(fork: Fork, sweeps: number): Promise<void> {
  for (let n = 0; n < sweeps; n += 1) {
    fork.pass(TICK_SECONDS)
    await fork.sweep()
    await fork.deliver()
  }
}
