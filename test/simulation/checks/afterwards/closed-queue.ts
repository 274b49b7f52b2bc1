import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import type { Moment } from '../judge.ts'
import { momentOf } from '../starts.ts'
import { ended } from './ended.ts'

const OPEN = [{ concurrency_limit: null }, { is_paused: false }]

/** Another queue of the pool, whose runs wait in a line of their own. */
const BESIDE = 'beside'

/**
 * Has a run wait for its deployment's limit while its queue is closed. Says what to do, after which nothing keeps a run
 * from starting: open the queue once the limit has room, or give it room for a run of another queue. Undefined where there
 * is nothing to do it with.
 */
export async function behindClosedQueue(
  fork: Fork,
  { picture, places }: Moment,
  chance: Chance,
): Promise<(() => Promise<string>) | undefined> {
  const limited = [...picture.caps].filter(([id, cap]) => cap !== null && places.deployments.has(id))
  const id = chance.pick(limited)?.[0]
  const pool = chance.pick([...places.pools.values()].filter(({ push }) => push))?.name
  if (id === undefined || pool === undefined) return undefined
  const queue = { pool, queue: 'default' }
  await open(fork, pool)
  const place = { work_pool_name: pool, work_queue_name: 'default', concurrency_limit: 1 }
  await fork.call('updateDeployment', { id }, place)
  for (let n = 0; n < 2; n += 1) await fork.call('createFlowRunFromDeployment', { id }, {})
  await fork.tick()
  const isBeside = chance.of('beside').hits(0.5)
  if (isBeside) await waitBeside(fork, id, pool)
  await fork.call('updateWorkQueue', queue, { is_paused: true })
  if (isBeside) {
    return async () => {
      await endHolders(fork, id)
      return `a task of deployment ${id} ended`
    }
  }
  await endHolders(fork, id)
  return async () => {
    await fork.call('updateWorkQueue', queue, { is_paused: false })
    return `the queue of ${pool} was opened`
  }
}

async function open(fork: Fork, pool: string): Promise<void> {
  for (const change of OPEN) {
    await fork.call('updateWorkPool', { name: pool }, change)
    await fork.call('updateWorkQueue', { pool, queue: 'default' }, change)
  }
}

async function waitBeside(fork: Fork, id: string, pool: string): Promise<void> {
  await fork.call('createFlowRunFromDeployment', { id }, { work_queue_name: BESIDE })
  for (const change of OPEN) await fork.call('updateWorkQueue', { pool, queue: BESIDE }, change)
  await fork.deliver()
}

async function endHolders(fork: Fork, id: string): Promise<void> {
  const slot = deploymentLimit(id)
  const isHolder = ({ claim }: FlowRun) => claim?.slots.includes(slot) === true
  const holders = [...momentOf(fork).picture.runs.values()].filter(isHolder)
  const tasks = fork.ecs.started.filter(({ news }) => holders.some(({ launch }) => launch?.taskArn === news.taskArn))
  await fork.report(tasks.map(({ news }) => ended(news, fork.clock.at)))
  await fork.deliver()
}
