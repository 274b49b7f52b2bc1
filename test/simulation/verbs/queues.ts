import type { Json } from '../outside/caller.ts'
import type { KnownPool, KnownRun } from '../outside/known.ts'
import { limitOf } from './limit-of.ts'
import { markWaiting } from './pools.ts'
import { propose } from './propose.ts'
import type { Scene, Verb } from './verb.ts'
import { foundRun } from './workers.ts'

export const changeQueue: Verb = {
  name: 'change a queue',
  weight: 7,
  async act(scene) {
    const pool = scene.anyPool()
    const queue = pool && scene.chance.pick(pool.queues)
    if (!pool || queue === undefined) return
    const { chance } = scene
    const change = chance.pick([
      { concurrency_limit: limitOf(scene) },
      { concurrency_limit: limitOf(scene) },
      { is_paused: chance.hits(0.5) },
      { priority: chance.whole(1, 4) },
      ...(queue === 'default' ? [] : [{ name: otherName(scene, queue) }]),
    ])
    const answer = await scene.client().call('updateWorkQueue', { pool: pool.name, queue }, change ?? {})
    if (answer?.status === 204 && change && 'name' in change && change.name !== undefined) {
      pool.queues[pool.queues.indexOf(queue)] = change.name
    }
  },
}

/** Back and forth between two names, or to that of another queue, which may be gone. */
function otherName({ chance }: Scene, queue: string): string {
  if (chance.hits(0.3)) return `q${chance.whole(1, 3)}`
  return queue.endsWith('-renamed') ? queue.slice(0, -'-renamed'.length) : `${queue}-renamed`
}

/** Deletes a queue; whoever names it again makes another of its name. */
export const deleteQueue: Verb = {
  name: 'delete a queue',
  weight: 3,
  async act(scene) {
    const pool = scene.anyPool()
    const queue = pool && scene.chance.pick(pool.queues.filter((name) => name !== 'default'))
    if (!pool || queue === undefined) return
    markWaiting(scene, pool)
    const over = scene.chance.hits(0.6) ? await runsThatAreOver(scene, pool, queue) : []
    const answer = await scene.client().call('deleteWorkQueue', { pool: pool.name, queue })
    if (answer?.status === 204) scene.known.remove(pool.queues, queue)
    await startAgain(scene, over)
    if (scene.chance.hits(0.6)) await createQueue(scene, pool, scene.chance.hits(0.6) ? queue : undefined)
  },
}

/** What somebody may want to run again, or to resume, when its queue is gone. */
async function runsThatAreOver(scene: Scene, pool: KnownPool, queue: string): Promise<KnownRun[]> {
  const listed = await scene.client('careless').call('listFlowRuns', {
    work_pools: { name: { any_: [pool.name] } },
    work_pool_queues: { name: { any_: [queue] } },
    flow_runs: { state: { type: { any_: ['COMPLETED', 'FAILED', 'CANCELLED', 'CRASHED', 'PAUSED'] } } },
    limit: 3,
  })
  return listed?.status === 200 ? (listed.body as Json[]).map((each) => foundRun(scene, each)) : []
}

async function startAgain(scene: Scene, runs: readonly KnownRun[]): Promise<void> {
  for (const run of runs) {
    run.retried = true
    await propose(scene, scene.client('careless'), run, { type: 'SCHEDULED', name: 'AwaitingRetry' })
  }
}

export const makeQueue: Verb = {
  name: 'create a queue',
  weight: 2,
  async act(scene) {
    const pool = scene.anyPool()
    if (pool) await createQueue(scene, pool)
  },
}

async function createQueue(scene: Scene, pool: KnownPool, name = `q${scene.chance.whole(1, 3)}`): Promise<void> {
  const body = { name, priority: scene.chance.whole(1, 4), concurrency_limit: limitOf(scene) ?? undefined }
  const answer = await scene.client().call('createWorkQueue', { pool: pool.name }, body)
  if ((answer?.status === 201 || answer?.status === 409) && !pool.queues.includes(name)) pool.queues.push(name)
}
