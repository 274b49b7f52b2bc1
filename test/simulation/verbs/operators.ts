import type { KnownDeployment, KnownPool } from '../outside/known.ts'
import type { Scene, Verb } from './verb.ts'

/** A limit as operators set it: none, nothing, few. */
const limitOf = ({ chance }: Scene) => chance.pick([null, 0, 1, 1, 2, 3, 5])

export const changePool: Verb = {
  name: 'change a pool',
  weight: 4,
  async act(scene) {
    const pool = scene.anyPool()
    if (!pool) return
    const { chance } = scene
    const change = chance.pick([
      { concurrency_limit: limitOf(scene) ?? null },
      { is_paused: chance.hits(0.5) },
      { description: 'changed' },
      ...(pool.push ? [] : [{ silent_worker_minutes: chance.hits(0.5) ? chance.whole(1, 20) : null }]),
    ])
    await scene.client().call('updateWorkPool', { name: pool.name }, change ?? {})
  },
}

export const changeQueue: Verb = {
  name: 'change a queue',
  weight: 5,
  async act(scene) {
    const pool = scene.anyPool()
    const queue = pool && scene.chance.pick(pool.queues)
    if (!pool || queue === undefined) return
    const { chance } = scene
    const change = chance.pick([
      { concurrency_limit: limitOf(scene) ?? null },
      { is_paused: chance.hits(0.5) },
      { priority: chance.whole(1, 4) },
      ...(queue === 'default' ? [] : [{ name: `${queue}-renamed` }]),
    ])
    const answer = await scene.client().call('updateWorkQueue', { pool: pool.name, queue }, change ?? {})
    if (answer?.status === 204 && change && 'name' in change && change.name !== undefined) {
      pool.queues[pool.queues.indexOf(queue)] = change.name
    }
  },
}

export const changeDeployment: Verb = {
  name: 'change a deployment',
  weight: 5,
  async act(scene) {
    const deployment = scene.anyDeployment()
    if (!deployment) return
    const { chance } = scene
    const client = scene.client()
    const kind = chance.pick(['limit', 'limit', 'collision', 'place', 'pause', 'resume', 'tags'] as const)
    const id = { id: deployment.id }
    switch (kind) {
      case 'limit':
        await client.call('updateDeployment', id, { concurrency_limit: limitOf(scene) ?? null })
        return
      case 'collision': {
        const strategy = chance.pick(['ENQUEUE', 'CANCEL_NEW'] as const) ?? 'ENQUEUE'
        await client.call('updateDeployment', id, { concurrency_options: { collision_strategy: strategy } })
        return
      }
      case 'place':
        await reroute(scene, deployment)
        return
      case 'pause':
        await client.call('pauseDeployment', id)
        return
      case 'resume':
        await client.call('resumeDeployment', id)
        return
      default:
        await client.call('updateDeployment', id, { tags: [`t${chance.whole(1, 3)}`] })
    }
  },
}

async function reroute(scene: Scene, deployment: KnownDeployment): Promise<void> {
  const pool = scene.anyPool()
  if (!pool) return
  const queue = scene.chance.pick(pool.queues) ?? 'default'
  const place = { work_pool_name: pool.name, work_queue_name: queue }
  const answer = await scene.client().call('updateDeployment', { id: deployment.id }, place)
  if (answer?.status === 204) deployment.pool = pool.name
}

/** Deletes a queue; whoever names it again makes another of its name. */
export const deleteQueue: Verb = {
  name: 'delete a queue',
  weight: 2,
  async act(scene) {
    const pool = scene.anyPool()
    const queue = pool && scene.chance.pick(pool.queues.filter((name) => name !== 'default'))
    if (!pool || queue === undefined) return
    const client = scene.client()
    markWaiting(scene, pool)
    const answer = await client.call('deleteWorkQueue', { pool: pool.name, queue })
    if (answer?.status === 204) scene.known.remove(pool.queues, queue)
    if (scene.chance.hits(0.6)) await createQueue(scene, pool)
  },
}

async function createQueue(scene: Scene, pool: KnownPool): Promise<void> {
  const name = `q${scene.chance.whole(1, 3)}`
  const body = { name, priority: scene.chance.whole(1, 4), concurrency_limit: limitOf(scene) ?? null }
  const answer = await scene.client().call('createWorkQueue', { pool: pool.name }, body)
  if ((answer?.status === 201 || answer?.status === 409) && !pool.queues.includes(name)) pool.queues.push(name)
}

export const makeQueue: Verb = {
  name: 'create a queue',
  weight: 2,
  async act(scene) {
    const pool = scene.anyPool()
    if (pool) await createQueue(scene, pool)
  },
}

/** Deletes a pool, and often creates it again under its name. */
export const deletePool: Verb = {
  name: 'delete a pool',
  weight: 1,
  async act(scene) {
    const pool = scene.anyPool()
    if (!pool) return
    markWaiting(scene, pool)
    const client = scene.client()
    const answer = await client.call('deleteWorkPool', { name: pool.name })
    if (answer?.status === 204) pool.queues = ['default']
    if (scene.chance.hits(0.7)) {
      const type = pool.push ? 'ecs:push' : 'process'
      await client.call('createWorkPool', { name: pool.name, type, concurrency_limit: limitOf(scene) ?? null })
    }
  },
}

/** Deletes a deployment, and often creates it again. */
export const deleteDeployment: Verb = {
  name: 'delete a deployment',
  weight: 1,
  async act(scene) {
    const deployment = scene.anyDeployment()
    if (!deployment) return
    for (const run of scene.known.runs.values()) if (run.deployment === deployment) run.mayBeGone = true
    const client = scene.client()
    await client.call('deleteDeployment', { id: deployment.id })
    if (scene.chance.hits(0.7)) {
      await client.call('createDeployment', {
        name: deployment.name,
        flow_id: deployment.flowId,
        work_pool_name: deployment.pool,
        job_variables: deployment.job === 'command' ? { command: ['true'] } : {},
        ...(deployment.job === 'flow' ? { entrypoint: 'flow.py:main' } : {}),
      })
    }
  },
}

/** Runs that wait in a place that is deleted are cancelled, whatever else was asked of them. */
function markWaiting(scene: Scene, pool: KnownPool): void {
  for (const run of scene.known.runs.values()) if (run.deployment?.pool === pool.name) run.forced = true
}
