import { isStopped } from '#shared/ecs-task/ecs-task.ts'
import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { addSeconds, formatInstant } from '#shared/instant.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import { type Moment, waits } from '../judge.ts'
import { momentOf } from '../starts.ts'
import { cutShort } from './cut-short.ts'
import { ended } from './ended.ts'
import { comeLate, crowdIn, leaveChild } from './stories.ts'

/** Of the runs and places that something can happen to, the share to which it does. */
const SHARE = 0.5
const LEASE_SECONDS = 60
const PAUSE_SECONDS = { min: 30, max: 300 }

/**
 * Lets much happen in a fork at once of which a world sees little: runs are paused and cancelled, tasks end unheard,
 * places are deleted. Whatever is refused is left.
 */
export async function upheaval(fork: Fork, chance: Chance): Promise<void> {
  await begin(fork, momentOf(fork), chance.of('begin'))
  if (chance.hits(SHARE)) await leaveChild(fork, momentOf(fork), chance.of('child'))
  if (chance.hits(SHARE)) await crowdIn(fork, momentOf(fork), chance.of('crowd'))
  for (const run of runningRuns(momentOf(fork))) await pauseOrCancel(fork, run, chance.of(run.id))
  endUnheard(fork, chance)
  if (chance.hits(SHARE)) await deletePlace(fork, momentOf(fork), chance.of('place'))
  if (chance.hits(SHARE)) await deleteDeployment(fork, momentOf(fork), chance.of('deployment'))
}

/** Processes begin runs by themselves, of no deployment and of any, and take slots under a lease; then they fall silent. */
async function begin(fork: Fork, { picture, places }: Moment, chance: Chance): Promise<void> {
  const [run] = picture.runs.values()
  if (!run) return
  const deploymentId = chance.pick([...places.deployments])
  for (const belongs of [{}, deploymentId === undefined ? {} : { deployment_id: deploymentId }])
    await fork.call('createFlowRun', { flow_id: run.flowId, ...belongs, state: { type: 'RUNNING' } })
  await fork.call('createGlobalLimit', { name: 'left', limit: 1 })
  await fork.call('acquireSlotsWithLease', { names: ['left'], slots: 1, lease_duration: LEASE_SECONDS })
}

function runningRuns({ picture }: Moment): FlowRun[] {
  return [...picture.runs.values()].filter(({ state }) => state.type === 'RUNNING')
}

/** Pauses a run in its process, or for as long as nothing runs; or cancels it, whose stop ECS does not hear. */
async function pauseOrCancel(fork: Fork, { id, job }: FlowRun, chance: Chance): Promise<void> {
  if (!chance.hits(SHARE)) return
  if (job === 'command' || chance.hits(SHARE / 2)) {
    fork.ecs.fail = ({ kind }) => (kind === 'stop' ? new Error('Service Unavailable') : undefined)
    await fork.call('setFlowRunState', { id }, { state: { type: 'CANCELLING' } })
    fork.ecs.fail = () => undefined
    return
  }
  const until = addSeconds(fork.clock.at, chance.between(PAUSE_SECONDS.min, PAUSE_SECONDS.max))
  const details = { pause_reschedule: chance.hits(0.5), pause_timeout: formatInstant(until) }
  await fork.call('setFlowRunState', { id }, { state: { type: 'PAUSED', state_details: details } })
}

/** Ends some tasks without an event. */
function endUnheard({ ecs, clock }: Fork, chance: Chance): void {
  for (const task of ecs.alive()) {
    if (!chance.of(task.news.taskArn).hits(SHARE)) continue
    task.news = ended(task.news, clock.at)
    task.stoppedAt = clock.at
  }
}

/** Deletes a queue, or a pool in which nothing is held any more. */
async function deletePlace(fork: Fork, { picture, places }: Moment, chance: Chance): Promise<void> {
  const waited = new Set([...picture.runs.values()].filter(waits).map(({ poolId }) => poolId))
  const pools = [...places.pools.values()]
  const pool = chance.pick(pools.filter(({ id }) => waited.has(id))) ?? chance.pick(pools)
  if (!pool) return
  const queues = [...places.queues.values()].filter(({ poolId, name }) => poolId === pool.id && name !== 'default')
  const queue = chance.hits(0.4) ? chance.pick(queues) : undefined
  const held = [...picture.runs.values()].filter(({ claim, poolId }) => claim !== null && poolId === pool.id)
  const tasks = fork.ecs.started.filter(({ news }) => held.some(({ launch }) => launch?.taskArn === news.taskArn))
  await fork.report(tasks.map(({ news }) => (isStopped(news) ? news : ended(news, fork.clock.at))))
  for (const { id } of held)
    await fork.call('setFlowRunState', { id }, { state: { type: 'CANCELLED', message: 'By hand.' }, force: true })
  const [run] = picture.runs.values()
  if (run && chance.hits(SHARE))
    await comeLate(fork, run.flowId, { pool: pool.name, queue: queue?.name, later: chance.hits(0.4) })
  await cutShort(fork, chance, async () => {
    if (queue) await fork.call('deleteWorkQueue', { pool: pool.name, queue: queue.name })
    else await fork.call('deleteWorkPool', { name: pool.name })
  })
}

async function deleteDeployment(fork: Fork, { places }: Moment, chance: Chance): Promise<void> {
  const id = chance.pick([...places.deployments])
  if (id !== undefined) await cutShort(fork, chance, async () => void (await fork.call('deleteDeployment', { id })))
}
