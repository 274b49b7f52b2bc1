import type { Chance } from '../machine/chance.ts'
import type { Caller } from '../outside/caller.ts'
import type { Known, KnownDeployment } from '../outside/known.ts'

/** Few slots, so that many runs contend for them. */
const limitOf = (chance: Chance) => chance.pick([null, 1, 1, 2, 3]) ?? null

/** Makes the pools, queues and deployments that a world begins with. */
export async function populate(known: Known, client: Caller, chance: Chance): Promise<void> {
  const flow = await client.call('createFlow', { name: 'job' })
  const flowId = flow?.body.id as string
  for (const [name, push] of [
    ['push-a', true],
    ['push-b', true],
    ['pull', false],
  ] as const) {
    await client.call('createWorkPool', {
      name,
      type: push ? 'ecs:push' : 'process',
      concurrency_limit: limitOf(chance),
    })
    const pool = { name, push, queues: ['default'] }
    for (const queue of name === 'push-b' ? ['q1'] : ['q1', 'q2']) {
      const body = { name: queue, priority: chance.whole(1, 3), concurrency_limit: limitOf(chance) }
      await client.call('createWorkQueue', { pool: name }, body)
      pool.queues.push(queue)
    }
    known.pools.push(pool)
  }
  const deploy = async (name: string, pool: string | null, job: KnownDeployment['job'], more: object = {}) => {
    const queues = known.pools.find((each) => each.name === pool)?.queues ?? []
    const answer = await client.call('createDeployment', {
      name,
      flow_id: flowId,
      ...(pool === null ? {} : { work_pool_name: pool, work_queue_name: chance.pick(queues) ?? 'default' }),
      ...(job === 'flow' ? { entrypoint: 'flow.py:main' } : { job_variables: { command: ['true'] } }),
      ...more,
    })
    known.deployments.push({ id: answer?.body.id as string, name, flowId, pool, served: pool === null, job })
  }
  await deploy('plain', 'push-a', 'command')
  await deploy('limited', 'push-a', 'command', { concurrency_limit: 1 })
  await deploy('timed', 'push-a', 'command', {
    job_variables: { command: ['work'], timeout_seconds: chance.pick([20, 20, 1_200]) },
  })
  await deploy('flow', 'push-b', 'flow', { concurrency_limit: limitOf(chance) })
  await deploy('other', 'push-b', 'command')
  await deploy('newest', 'push-b', 'command', {
    concurrency_limit: 1,
    concurrency_options: { collision_strategy: 'CANCEL_NEW' },
  })
  await deploy('pulled', 'pull', 'flow', { concurrency_limit: limitOf(chance) })
  await deploy('pulled-too', 'pull', 'flow')
  await deploy('served', null, 'flow', { concurrency_limit: limitOf(chance) })
}
