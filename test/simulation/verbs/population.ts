import type { BodyOf } from '#shared/client/client.ts'
import type { Chance } from '../machine/chance.ts'
import type { Caller } from '../outside/caller.ts'
import type { Known, KnownDeployment } from '../outside/known.ts'
import { kindOfPool } from './pools.ts'

/** Few slots, so that many runs contend for them. */
const limitOf = (chance: Chance) => chance.pick([undefined, 1, 1, 2, 3])
/** From seconds to hours, as people set them; a world that lasts minutes sees the end of the short ones alone. */
const TIMEOUTS = [5, 20, 60, 1_000, 1_200, 5_400]

/** The deployment whose runs may go on until their time limit. */
const TIMED = 'timed'

/** One run at a time, and none waits for it. */
const NEWEST = { concurrency_limit: 1, concurrency_options: { collision_strategy: 'CANCEL_NEW' as const } }

const POOLS = [
  { name: 'push-a', push: true, queues: ['q1', 'q2'] },
  { name: 'push-b', push: true, queues: ['q1'] },
  { name: 'pull', push: false, queues: ['q1', 'q2'] },
]

/** Makes the pools, queues and deployments that a world begins with. */
export async function populate(known: Known, client: Caller, chance: Chance): Promise<void> {
  const [flowId = '', lightId = ''] = await createFlows(known, client)
  for (const { name, push, queues } of POOLS) {
    const silent = !push && chance.hits(0.5) ? { silent_worker_minutes: chance.whole(1, 4) } : {}
    const limit = { concurrency_limit: limitOf(chance) }
    await client.call('createWorkPool', { name, ...kindOfPool(chance, push), ...limit, ...silent })
    for (const queue of queues) {
      const body = { name: queue, priority: chance.whole(1, 3), concurrency_limit: limitOf(chance) }
      await client.call('createWorkQueue', { pool: name }, body)
    }
    known.pools.push({ name, push, queues: ['default', ...queues] })
  }
  const deploy = async (
    name: string,
    pool: string | null,
    job: KnownDeployment['job'],
    more: Partial<BodyOf<'createDeployment'>> = {},
    its = flowId,
  ) => {
    const queues = known.pools.find((each) => each.name === pool)?.queues ?? []
    const answer = await client.call('createDeployment', {
      name,
      flow_id: its,
      ...(pool === null ? {} : { work_pool_name: pool, work_queue_name: chance.pick(queues) ?? 'default' }),
      ...(job === 'flow' ? { entrypoint: 'flow.py:main' } : { job_variables: { command: ['true'] } }),
      ...more,
    })
    known.deployments.push({ id: answer?.body.id as string, name, flowId: its, pool, served: pool === null, job })
  }
  const timeout = chance.pick(TIMEOUTS) ?? 20
  await deploy('plain', 'push-a', 'command')
  await deploy('limited', 'push-a', 'command', { concurrency_limit: 1 })
  await deploy(TIMED, 'push-a', 'command', { job_variables: { command: ['work'], timeout_seconds: timeout } })
  await deploy('flow', 'push-b', 'flow', { concurrency_limit: limitOf(chance) })
  await deploy('other', 'push-b', 'command')
  await deploy('newest', 'push-b', 'command', NEWEST)
  await deploy('pulled', 'pull', 'flow', { concurrency_limit: limitOf(chance) })
  const lost = chance.hits(0.4) ? { on_agent_lost: 'requeue' as const } : {}
  const newest = chance.hits(0.4) ? NEWEST : {}
  await deploy('pulled-too', 'pull', 'flow', { ...newest, ...lost, job_variables: { cpu: 1_024 } }, lightId)
  await deploy('served', null, 'flow', { concurrency_limit: limitOf(chance) })
}

/** Flows of which agents may run some more than of others. */
async function createFlows(known: Known, client: Caller): Promise<string[]> {
  for (const name of ['job', 'light']) {
    const flow = await client.call('createFlow', { name })
    known.flows.push({ id: flow?.body.id as string, name })
  }
  return known.flows.map(({ id }) => id)
}
