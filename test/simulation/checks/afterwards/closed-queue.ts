import type { FlowRun } from '#shared/flow-run/flow-run.ts'
import { deploymentLimit } from '#shared/limit/limit.ts'
import type { Chance } from '../../machine/chance.ts'
import type { Fork } from '../fork.ts'
import type { Moment } from '../judge.ts'
import { momentOf } from '../starts.ts'
import { ended } from './ended.ts'

const OPEN = [{ concurrency_limit: null }, { is_paused: false }]

/**
 * Has a run wait for its deployment's limit while its queue is closed, until the limit has room. Says how to open the
 * queue, which is then all that keeps it from starting; undefined where there is nothing to do it with.
 */
export async function behindClosedQueue(
  fork: Fork,
  { picture, places }: Moment,
  chance: Chance,
): Promise<(() => Promise<string>) | undefined> {
  const limited = [...picture.caps].filter(([id, cap]) => cap !== null && places.deployments.has(id))
  const id = chance.pick(limited)?.[0]
  const name = chance.pick([...places.pools.values()].filter(({ push }) => push))?.name
  if (id === undefined || name === undefined) return undefined
  const queue = { pool: name, queue: 'default' }
  for (const change of OPEN) {
    await fork.call('updateWorkPool', { name }, change)
    await fork.call('updateWorkQueue', queue, change)
  }
  const place = { work_pool_name: name, work_queue_name: 'default', concurrency_limit: 1 }
  await fork.call('updateDeployment', { id }, place)
  for (let n = 0; n < 2; n += 1) await fork.call('createFlowRunFromDeployment', { id }, {})
  await fork.tick()
  await fork.call('updateWorkQueue', queue, { is_paused: true })
  const slot = deploymentLimit(id)
  const isHolder = ({ claim }: FlowRun) => claim?.slots.includes(slot) === true
  const holders = [...momentOf(fork).picture.runs.values()].filter(isHolder)
  const tasks = fork.ecs.started.filter(({ news }) => holders.some(({ launch }) => launch?.taskArn === news.taskArn))
  await fork.report(tasks.map(({ news }) => ended(news, fork.clock.at)))
  await fork.deliver()
  return async () => {
    await fork.call('updateWorkQueue', queue, { is_paused: false })
    return `the queue of ${name} was opened`
  }
}
